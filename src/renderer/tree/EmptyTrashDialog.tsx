// Asks before the trash is emptied: like the deletion of a safety copy, nothing in the window undoes it.

import { useState } from "react";
import { Dialog } from "../design/Dialog";
import { plural } from "../design/words";
import { request } from "../stores/bridge";
import { useNotes } from "../stores/notes-store";
import { announce } from "../stores/toast-store";
import { closeOverlay } from "../stores/view-store";

export function EmptyTrashDialog() {
  const tree = useNotes((notes) => notes.tree);
  const [busy, setBusy] = useState(false);
  const count = tree === null ? 0 : [...tree.rows.keys()].filter((id) => tree.trashed.has(id)).length;
  const empty = async () => {
    setBusy(true);
    const answer = await request("notes:empty-trash");
    setBusy(false);
    if (answer.kind === "refused") return;
    announce(`${plural(answer.value, "note")} deleted for good.`);
    closeOverlay();
  };
  return (
    <Dialog
      role="alertdialog"
      title="Empty the trash?"
      onClose={closeOverlay}
      buttons={[
        <button
          key="empty"
          type="button"
          className="button danger"
          disabled={busy}
          onClick={() => void empty()}
        >
          Empty trash
        </button>,
        <button key="cancel" type="button" className="button" data-first-focus onClick={closeOverlay}>
          Cancel
        </button>,
      ]}
    >
      <p>
        {plural(count, "note")} will be deleted for good, on all your devices. This cannot be undone. Safety
        copies made before keep them until they expire.
      </p>
    </Dialog>
  );
}
