// The questions of the reset flow that stop everything else: restart, a copy that could not be made, a plan that
// changes unusually much, a recovery that could not finish. Each says what is safe before it asks.

import { useEffect, useState } from "react";
import type { ResetView } from "../../shared/ipc-contract";
import { Dialog } from "../design/Dialog";
import { countWords } from "../design/words";
import { ask, request } from "../stores/bridge";
import { focusTreeIfNowhere } from "../stores/navigation";
import { setView } from "../stores/view-store";
import { CopyDetails, DetailsDisclosure } from "./DetailsDisclosure";
import { PlanItems } from "./PlanItems";
import { copyFailedWords, safeWords, stoppedTitle, stoppedWords } from "./reset-words";
import "./reset.css";

type View<K extends ResetView["kind"]> = Extract<ResetView, { kind: K }>;

export function RestartPrompt({ view }: { readonly view: View<"prompt"> }) {
  const safe = safeWords(view.pending);
  const later = () => void request("reset:later");
  return (
    <Dialog
      role="alertdialog"
      title="Perennial needs to restart to keep syncing"
      size="medium"
      guardTypist
      onClose={later}
      buttons={[
        <button
          key="restart"
          type="button"
          className="button primary"
          data-first-focus
          onClick={() => void request("reset:restart")}
        >
          Restart and recover
        </button>,
        <button key="later" type="button" className="button" onClick={later}>
          Not now
        </button>,
      ]}
    >
      <p>
        {safe.before}
        <strong>{safe.emphasis}</strong>
        {safe.after}
      </p>
      <p>
        After the restart, Perennial gets a fresh copy from the server and puts your changes back. You will
        see a report of what was restored.{" "}
        {view.isCopyHere
          ? "The fresh copy is already here, so this will be quick."
          : "This usually takes less than a minute."}
      </p>
      <ShowMeFirst />
      <DetailsDisclosure details={view.details} />
    </Dialog>
  );
}

export function CopyFailed({ view }: { readonly view: View<"copy-failed"> }) {
  return (
    <Dialog
      role="alertdialog"
      title="Perennial could not make a safety copy."
      guardTypist
      onClose={null}
      buttons={[
        <button
          key="again"
          type="button"
          className="button primary"
          data-first-focus
          onClick={() => void request("reset:try-again")}
        >
          Try again
        </button>,
        <ExportNotes key="export" label="Export notes…" />,
      ]}
    >
      <p>{copyFailedWords(view)}</p>
      {view.bytesNeeded === null ? null : <p>{view.message}</p>}
    </Dialog>
  );
}

export function ReviewPlan({ view }: { readonly view: View<"review"> }) {
  const { preview } = view;
  return (
    <Dialog
      role="alertdialog"
      title="Look at this before it happens"
      size="medium"
      guardTypist
      onClose={null}
      buttons={[
        <button
          key="accept"
          type="button"
          className="button primary"
          onClick={() => void request("reset:accept-plan")}
        >
          Put my changes back
        </button>,
        <OpenReadOnly key="read" label="Open read-only" firstFocus />,
        <button
          key="cancel"
          type="button"
          className="button"
          onClick={() => void request("reset:cancel-plan")}
        >
          Cancel
        </button>,
      ]}
    >
      <p>Nothing has been changed yet, and your safety copy is checked. {preview.reason}</p>
      <table className="preview">
        <caption className="visually-hidden">What would happen</caption>
        <tbody>
          {(
            [
              ["Notes on the server", preview.notesOnServer],
              ["Notes in your safety copy", preview.notesHere],
              ["Would be added to the server", preview.toCreate],
              ["Would be changed", preview.toChange],
              ["Would be moved to the trash", preview.toTrash],
            ] as const
          ).map(([words, count]) => (
            <tr key={words}>
              <th scope="row">{words}</th>
              <td>{countWords(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <PlanItems />
      <p>You can undo the whole recovery afterwards, from its report.</p>
      <DetailsDisclosure details={view.details} />
    </Dialog>
  );
}

/** Asked at the prompt, and remembered: the plan is shown before anything is written. */
export function ShowMeFirst() {
  /** Null until it is known; what is chosen here shows at once. */
  const [checked, setChecked] = useState<boolean | null>(null);
  useEffect(() => {
    void ask("settings:read").then((answer) => {
      if (answer.kind === "ok") setChecked((chosen) => chosen ?? answer.value.reviewFirst);
    });
  }, []);
  const choose = async (reviewFirst: boolean) => {
    setChecked(reviewFirst);
    const answer = await request("settings:choose-review-first", { reviewFirst });
    setChecked(answer.kind === "ok" ? answer.value.reviewFirst : !reviewFirst);
  };
  return (
    <label className="show-first">
      <input
        type="checkbox"
        checked={checked ?? false}
        onChange={(event) => void choose(event.target.checked)}
      />
      Show me what will change before anything is written
    </label>
  );
}

export function Stopped({ view }: { readonly view: View<"stopped"> }) {
  return (
    <Dialog
      role="alertdialog"
      title={stoppedTitle(view)}
      size="medium"
      guardTypist
      onClose={null}
      buttons={[
        <button
          key="again"
          type="button"
          className="button primary"
          onClick={() => void request("reset:try-again")}
        >
          Try again
        </button>,
        <ExportNotes key="export" label="Export as Markdown…" />,
        <OpenReadOnly key="read" label="Open notes read-only" firstFocus />,
      ]}
    >
      <p>{stoppedWords(view.details)}</p>
      <p className="selectable">{view.message}</p>
      <div className="details">
        <CopyDetails />
      </div>
    </Dialog>
  );
}

export function OpenReadOnly({
  label,
  firstFocus,
}: {
  readonly label: string;
  readonly firstFocus?: boolean;
}) {
  const open = async () => {
    const answer = await request("reset:read-only");
    if (answer.kind !== "ok") return;
    setView({ readingMeanwhile: true, page: { kind: "note" } });
    focusTreeIfNowhere();
  };
  return (
    <button
      type="button"
      className="button"
      data-first-focus={firstFocus ? true : undefined}
      onClick={() => void open()}
    >
      {label}
    </button>
  );
}

function ExportNotes({ label }: { readonly label: string }) {
  return (
    <button type="button" className="button" onClick={() => void request("notes:export", { folder: null })}>
      {label}
    </button>
  );
}
