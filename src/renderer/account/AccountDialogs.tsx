// Signing in later, from the notes, and signing out.

import { useEffect, useState } from "react";
import type { AppState } from "../../shared/ipc-contract";
import { Dialog } from "../design/Dialog";
import { flushEdits } from "../editor/editing-store";
import { pendingOf } from "../status/sync-words";
import { request } from "../stores/bridge";
import { showToast } from "../stores/toast-store";
import { closeOverlay, openOverlay } from "../stores/view-store";
import { createAccountWords, signOutWords } from "./account-words";
import { SignInForm } from "./SignInForm";

/** Whoever writes without an account keeps the notes: the account is made for them. */
function CreateAccountDialog({ embedded }: { readonly embedded: boolean }) {
  return (
    <Dialog
      title="Create an account for these notes"
      onClose={closeOverlay}
      buttons={[
        <button key="cancel" type="button" className="button" onClick={closeOverlay}>
          Cancel
        </button>,
      ]}
    >
      <p>{createAccountWords(embedded)}</p>
      <SignInForm
        onlyDoor="register"
        onDone={() => {
          closeOverlay();
          showToast({ message: "Your notes have an account now." });
        }}
      />
      <p>
        To see the notes of another account,{" "}
        <button type="button" className="link-button" onClick={() => openOverlay({ kind: "sign-out" })}>
          sign out first…
        </button>
      </p>
    </Dialog>
  );
}

export function SignInDialog({ app }: { readonly app: AppState }) {
  if (app.account.kind === "signed-in") return <CreateAccountDialog embedded={app.account.embedded} />;
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

/**
 * With work that is not synced there are three ways: wait until it is, leave it here in a safety copy, or stay. Whoever
 * has no account could never come back, so there the copy is the only way out.
 */
export function SignOutDialog({ app }: { readonly app: AppState }) {
  const [busy, setBusy] = useState(false);
  const [waiting, setWaiting] = useState(false);
  const pending = pendingOf(app.sync);
  const hasAccount = app.account.kind === "signed-in" && app.account.email !== null;
  const words = signOutWords(pending, hasAccount, waiting);
  const signOut = async (keepCopy: boolean) => {
    setBusy(true);
    await flushEdits();
    const answer = await request("account:sign-out", { keepCopy });
    setBusy(false);
    setWaiting(false);
    if (answer.kind === "ok") closeOverlay();
  };
  const wait = () => {
    setWaiting(true);
    if (app.sync.kind === "offline" && app.sync.byChoice) {
      void request("sync:work-offline", { offline: false });
    }
  };
  const isSynced = pending === 0 && app.sync.kind === "synced";
  useEffect(() => {
    if (waiting && isSynced && !busy) void signOut(false);
  });
  return (
    <Dialog
      role="alertdialog"
      title="Sign out of Perennial?"
      size="medium"
      onClose={closeOverlay}
      buttons={[
        pending === 0 && hasAccount ? (
          <button
            key="out"
            type="button"
            className="button primary"
            disabled={busy}
            onClick={() => void signOut(false)}
          >
            Sign out
          </button>
        ) : hasAccount ? (
          <button
            key="wait"
            type="button"
            className="button primary"
            disabled={busy || waiting}
            onClick={() => wait()}
          >
            {waiting ? "Waiting…" : "Sync, then sign out"}
          </button>
        ) : null,
        pending > 0 || !hasAccount ? (
          <button
            key="copy"
            type="button"
            className="button"
            disabled={busy}
            onClick={() => void signOut(true)}
          >
            Keep a safety copy and sign out
          </button>
        ) : null,
        <button key="cancel" type="button" className="button" data-first-focus onClick={closeOverlay}>
          Cancel
        </button>,
      ]}
    >
      <p role={waiting ? "status" : undefined}>{words}</p>
    </Dialog>
  );
}
