// The line above the notes that stays while recovery runs or waits: after 'Not now', and while the notes are those of
// the safety copy. It cannot be dismissed; it is how a person finds the way back.

import type { ResetView } from "../../shared/ipc-contract";
import { Banner } from "../design/Banner";
import { clockTime } from "../design/words";
import { request } from "../stores/bridge";
import { setView } from "../stores/view-store";
import { RecoveryBanner } from "./RecoveryBanner";
import { postponedWords, stoppedTitle } from "./reset-words";
import "./reset.css";

export function ResetBanner({
  reset,
  reading,
  readOnly,
}: {
  readonly reset: ResetView;
  readonly reading: boolean;
  readonly readOnly: boolean;
}) {
  if (reset.kind === "postponed") {
    return (
      <Banner title="Syncing is paused" words={postponedWords(readOnly)}>
        <button type="button" className="button small" onClick={() => void request("reset:restart")}>
          Restart and recover
        </button>
      </Banner>
    );
  }
  if (reset.kind === "recovering") return <RecoveryBanner view={reset} readOnly={readOnly} />;
  if (!reading) return null;
  const backTo = (label: string) => (
    <button type="button" className="button small" onClick={() => setView({ readingMeanwhile: false })}>
      {label}
    </button>
  );
  switch (reset.kind) {
    case "review":
      return (
        <Banner
          title="Recovery is waiting for you"
          words="Nothing has been changed yet. You are reading your safety copy."
        >
          {backTo("Look at the plan")}
        </Banner>
      );
    case "stopped":
      return (
        <Banner
          title={stoppedTitle(reset)}
          words={`${stoppedTitle(reset)} You are reading the safety copy from ${clockTime(reset.details.copyAtMs)}.`}
        >
          {backTo("What can I do?")}
        </Banner>
      );
    default:
      return null;
  }
}
