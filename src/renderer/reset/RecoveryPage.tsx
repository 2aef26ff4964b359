// The page that stands in for the notes until the safety copy can be read: a moment, or a second where the tree is
// very large. From then on the notes are there, and a line above them says how far recovery is.

import type { ResetView } from "../../shared/ipc-contract";
import { PageCard } from "../design/PageCard";
import { DetailsDisclosure } from "./DetailsDisclosure";
import { RecoveryBar, RecoverySteps } from "./RecoverySteps";
import { progressNotice, spokenProgress } from "./reset-words";

export function RecoveryPage({ view }: { readonly view: Extract<ResetView, { kind: "recovering" }> }) {
  const { progress } = view;
  const notice = progressNotice(progress);
  return (
    <PageCard title="Recovering your notes">
      <p className="visually-hidden" role="status">
        {spokenProgress(progress)}
      </p>
      <RecoveryBar progress={progress} />
      <RecoverySteps progress={progress} />
      {notice === null ? null : <p className="recovery-notice">{notice}</p>}
      <DetailsDisclosure details={view.details} />
      <p className="page-footnote">You can close this window. Recovery continues next time.</p>
    </PageCard>
  );
}
