// The page that stands in for the notes while recovery runs: each step with its state in words, one spoken line,
// and the ways out when it takes long.

import { useState } from "react";
import type { ResetView } from "../../shared/ipc-contract";
import { Icon } from "../design/Icon";
import { PageCard } from "../design/PageCard";
import { DetailsDisclosure } from "./DetailsDisclosure";
import { OpenReadOnly } from "./ResetDialogs";
import { progressNotice, progressShare, spokenProgress, stepStateWords, stepWords } from "./reset-words";
import "./reset.css";

export function RecoveryPage({ view }: { readonly view: Extract<ResetView, { kind: "recovering" }> }) {
  const { progress } = view;
  const [patient, setPatient] = useState(false);
  const notice = progressNotice(progress);
  const waysOut = progress.offline || (progress.slow && !patient);
  return (
    <PageCard title="Recovering your notes">
      <p className="visually-hidden" role="status">
        {spokenProgress(progress)}
      </p>
      <progress className="recovery-progress" aria-label="Recovery" value={progressShare(progress)} max={1} />
      <ol className="steps" aria-label="Steps">
        {progress.steps.map((step) => (
          <li
            key={step.name}
            className={step.state}
            aria-current={step.state === "running" ? "step" : undefined}
          >
            <span className="step-mark">{step.state === "done" ? <Icon name="check" /> : null}</span>
            <span>{stepWords(step)}</span>
            <span className="step-state">{stepStateWords(step.state)}</span>
          </li>
        ))}
      </ol>
      {notice === null ? null : <p className="recovery-notice">{notice}</p>}
      <div className="page-buttons">
        {waysOut && !progress.offline ? (
          <button type="button" className="button primary" onClick={() => setPatient(true)}>
            Keep trying
          </button>
        ) : null}
        <OpenReadOnly label="Open read-only" />
      </div>
      <DetailsDisclosure details={view.details} />
      <p className="page-footnote">You can close this window. Recovery continues next time.</p>
    </PageCard>
  );
}
