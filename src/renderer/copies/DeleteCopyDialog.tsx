// Asks before a safety copy is deleted by hand: nothing in the window undoes it.

import { useState } from "react";
import type { BackupRow } from "../../shared/ipc-contract";
import { Dialog } from "../design/Dialog";
import { dateAndTime } from "../design/words";
import { request } from "../stores/bridge";
import { announce } from "../stores/toast-store";
import { closeOverlay } from "../stores/view-store";
import { deletionWords } from "./copy-words";

export function DeleteCopyDialog({ copy }: { readonly copy: BackupRow }) {
  const [busy, setBusy] = useState(false);
  const remove = async () => {
    setBusy(true);
    const answer = await request("backups:delete", { name: copy.name });
    setBusy(false);
    if (answer.kind === "ok") announce(`The safety copy of ${dateAndTime(copy.createdAtMs)} is deleted.`);
    closeOverlay();
  };
  return (
    <Dialog
      role="alertdialog"
      title={`Delete the safety copy of ${dateAndTime(copy.createdAtMs)}?`}
      size="medium"
      onClose={closeOverlay}
      buttons={[
        <button key="delete" type="button" className="button" disabled={busy} onClick={() => void remove()}>
          Delete this copy
        </button>,
        <button key="cancel" type="button" className="button" data-first-focus onClick={closeOverlay}>
          Cancel
        </button>,
      ]}
    >
      <p>{deletionWords(copy.kept)}</p>
    </Dialog>
  );
}
