// The steps of a recovery, each with its state in words, and how much of the whole is done.

import type { RecoveryProgress } from "../../shared/ipc-contract";
import { Icon } from "../design/Icon";
import { progressShare, stepStateWords, stepWords } from "./reset-words";
import "./reset.css";

export function RecoverySteps({ progress }: { readonly progress: RecoveryProgress }) {
  return (
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
  );
}

export function RecoveryBar({ progress }: { readonly progress: RecoveryProgress }) {
  return (
    <progress className="recovery-progress" aria-label="Recovery" value={progressShare(progress)} max={1} />
  );
}
