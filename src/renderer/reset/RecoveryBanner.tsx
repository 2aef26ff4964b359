// The line above the notes while a recovery runs: what goes on and how far it is, that one can write meanwhile, and
// behind a button every step and the facts.

import { useId, useState } from "react";
import type { ResetView } from "../../shared/ipc-contract";
import { Icon } from "../design/Icon";
import { DetailsDisclosure } from "./DetailsDisclosure";
import { RecoveryBar, RecoverySteps } from "./RecoverySteps";
import { meanwhileWords, spokenProgress } from "./reset-words";

export function RecoveryBanner({
  view,
  readOnly,
}: {
  readonly view: Extract<ResetView, { kind: "recovering" }>;
  readonly readOnly: boolean;
}) {
  const { progress, details } = view;
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <section className="recovery-banner" aria-labelledby={`${id}title`}>
      <div className="banner">
        <Icon name="shield" />
        <h2 id={`${id}title`} className="visually-hidden">
          Recovering your notes
        </h2>
        <p aria-hidden="true">{meanwhileWords(progress, readOnly)}</p>
        {/* Spoken with each step, not with each count. */}
        <p className="visually-hidden" role="status">
          {spokenProgress(progress, readOnly)}
        </p>
        <button
          type="button"
          className="button small"
          aria-expanded={open}
          aria-controls={`${id}steps`}
          onClick={() => setOpen(!open)}
        >
          {open ? "Hide details" : "Show details"}
        </button>
      </div>
      <RecoveryBar progress={progress} />
      {open ? (
        <div id={`${id}steps`} className="recovery-details">
          <RecoverySteps progress={progress} />
          <DetailsDisclosure details={details} />
          <p className="page-footnote">You can close this window. Recovery continues next time.</p>
        </div>
      ) : null}
    </section>
  );
}
