// Asks before a whole recovery is undone, and says what came of it: what is as it was, what was left alone.

import { useState } from "react";
import type { NoteId } from "../../shared/note";
import { Dialog } from "../design/Dialog";
import { plural } from "../design/words";
import { readAgain } from "../editor/editing-store";
import { request } from "../stores/bridge";
import { titleOfRow } from "../stores/notes-store";
import { closeOverlay } from "../stores/view-store";

export function UndoRecoveryDialog({ resetId }: { readonly resetId: string }) {
  const [left, setLeft] = useState<{ undone: number; left: readonly NoteId[] } | null>(null);
  const [busy, setBusy] = useState(false);
  const undo = async () => {
    setBusy(true);
    const answer = await request("reports:undo-all", { resetId });
    setBusy(false);
    if (answer.kind === "refused") return;
    setLeft(answer.value);
    await readAgain();
  };
  if (left !== null) {
    return (
      <Dialog
        title="The recovery was undone"
        onClose={closeOverlay}
        buttons={[
          <button key="done" type="button" className="button primary" data-first-focus onClick={closeOverlay}>
            Done
          </button>,
        ]}
      >
        <p>
          {plural(left.undone, "note is", "notes are")} as they were on the server before.
          {left.left.length === 0
            ? ""
            : ` ${plural(left.left.length, "note was", "notes were")} edited or decided upon since, and left alone:`}
        </p>
        {left.left.length === 0 ? null : (
          <ul className="left-alone selectable">
            {left.left.map((id) => (
              <li key={id}>{titleOfRow(id)}</li>
            ))}
          </ul>
        )}
      </Dialog>
    );
  }
  return (
    <Dialog
      role="alertdialog"
      title="Undo this recovery?"
      onClose={closeOverlay}
      buttons={[
        <button
          key="undo"
          type="button"
          className="button primary"
          disabled={busy}
          onClick={() => void undo()}
        >
          Undo this recovery
        </button>,
        <button key="cancel" type="button" className="button" data-first-focus onClick={closeOverlay}>
          Cancel
        </button>,
      ]}
    >
      <p>
        The notes go back to how they were on the server before your changes were put back. Notes that
        somebody has edited since, or decided upon in the report, are left alone and listed. The safety copy
        stays.
      </p>
    </Dialog>
  );
}
