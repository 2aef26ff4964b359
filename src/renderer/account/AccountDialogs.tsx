// Signing in later, from the notes, and signing out.

import { useState } from "react";
import type { AppState } from "../../shared/ipc-contract";
import { Dialog } from "../design/Dialog";
import { plural } from "../design/words";
import { flushEdits } from "../editor/editing-store";
import { pendingOf } from "../status/sync-words";
import { request } from "../stores/bridge";
import { closeOverlay } from "../stores/view-store";
import { SignInForm } from "./SignInForm";

export function SignInDialog() {
  return (
    <Dialog
      title="Sign in"
      onClose={closeOverlay}
      buttons={[
        <button key="cancel" type="button" className="button" onClick={closeOverlay}>
          Cancel
        </button>,
      ]}
    >
      <SignInForm onDone={closeOverlay} />
    </Dialog>
  );
}

export function SignOutDialog({ app }: { readonly app: AppState }) {
  const [busy, setBusy] = useState(false);
  const pending = pendingOf(app.sync);
  const signOut = async () => {
    setBusy(true);
    await flushEdits();
    const answer = await request("account:sign-out");
    setBusy(false);
    if (answer.kind === "ok") closeOverlay();
  };
  return (
    <Dialog
      role="alertdialog"
      title="Sign out of Perennial?"
      onClose={closeOverlay}
      buttons={[
        <button
          key="out"
          type="button"
          className="button primary"
          disabled={busy || pending > 0}
          onClick={() => void signOut()}
        >
          Sign out
        </button>,
        <button key="cancel" type="button" className="button" data-first-focus onClick={closeOverlay}>
          Cancel
        </button>,
      ]}
    >
      <p>
        {pending === 0
          ? "Everything is synced. Your notes stay on the server and are here again when you sign in."
          : `${plural(pending, "change")} ${pending === 1 ? "has" : "have"} not been synced yet. Sign out once they are, so that nothing is left behind.`}
      </p>
    </Dialog>
  );
}
