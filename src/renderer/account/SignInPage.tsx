// What a window without an account shows: sign in, create an account, or start without one.

import { useState } from "react";
import type { AppState } from "../../shared/ipc-contract";
import { Icon } from "../design/Icon";
import { PageCard } from "../design/PageCard";
import { request } from "../stores/bridge";
import { showPage } from "../stores/view-store";
import { refusalWords } from "./credentials";
import { SignInForm } from "./SignInForm";

export function SignInPage({ app }: { readonly app: AppState }) {
  const { account, sync } = app;
  const isRecovering = app.reset.kind === "recovering";
  const [busy, setBusy] = useState(false);
  const start = async () => {
    setBusy(true);
    await request("account:anonymous");
    setBusy(false);
  };
  return (
    <PageCard title="Welcome to Perennial" icon="leaf" focusElsewhere>
      <p>
        {isRecovering
          ? "Your notes are safe in a copy on this computer. Sign in with the account they belong to, and their recovery goes on."
          : "Notes that come back, every time. Sign in to have them on all your computers."}
      </p>
      {app.otherServer === null ? null : (
        <p className="form-problem selectable" role="alert">
          {app.otherServer}
        </p>
      )}
      {sync.kind === "problem" ? (
        <p className="form-problem" role="alert">
          {refusalWords(sync.message)}
        </p>
      ) : null}
      <SignInForm />
      {isRecovering ? null : (
        <>
          <div className="or" aria-hidden="true">
            or
          </div>
          <button type="button" className="button tall" disabled={busy} onClick={() => void start()}>
            Start without an account
          </button>
        </>
      )}
      <button type="button" className="link-button" onClick={() => showPage({ kind: "copies" })}>
        Safety copies on this computer
      </button>
      <p className="page-footnote server-line">
        <Icon name="server" />
        {account.embedded ? "Your notes stay on this computer’s own server." : `Server: ${account.server}`}
      </p>
    </PageCard>
  );
}
