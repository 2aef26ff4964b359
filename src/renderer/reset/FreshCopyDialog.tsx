// Asked before a person has the notes rebuilt whose syncing has stopped: what is safe, what happens, what is needed.

import { useState } from "react";
import { Dialog } from "../design/Dialog";
import { flushEdits } from "../editor/editing-store";
import { request } from "../stores/bridge";
import { closeOverlay } from "../stores/view-store";
import { safeWords } from "./reset-words";

export function FreshCopyDialog({ pending }: { readonly pending: number }) {
  const [busy, setBusy] = useState(false);
  const safe = safeWords(pending);
  const begin = async () => {
    setBusy(true);
    await flushEdits();
    const answer = await request("sync:rebuild");
    setBusy(false);
    if (answer.kind === "ok") closeOverlay();
  };
  return (
    <Dialog
      role="alertdialog"
      title="Get a fresh copy from the server?"
      size="medium"
      onClose={closeOverlay}
      buttons={[
        <button
          key="begin"
          type="button"
          className="button primary"
          disabled={busy}
          onClick={() => void begin()}
        >
          Restart and recover
        </button>,
        <button key="cancel" type="button" className="button" data-first-focus onClick={closeOverlay}>
          Cancel
        </button>,
      ]}
    >
      <p>
        {safe.before}
        <strong>{safe.emphasis}</strong>
        {safe.after}
      </p>
      <p>
        Perennial first makes a safety copy of everything here and checks it. Then it restarts, gets your
        notes from the server anew and puts your changes back. You will see a report of what was restored.
      </p>
    </Dialog>
  );
}
