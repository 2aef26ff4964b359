// What stands behind the word in the status bar: server, account, what is still to be synced, working offline.

import { useEffect, useId, useRef } from "react";
import type { AppState } from "../../shared/ipc-contract";
import { refusalWords } from "../account/credentials";
import { runCommand } from "../commands/registry";
import { dateAndTime } from "../design/words";
import { request } from "../stores/bridge";
import { pendingOf, pendingWords } from "./sync-words";

export function SyncPopover({ app, onClose }: { readonly app: AppState; readonly onClose: () => void }) {
  const frame = useRef<HTMLDivElement>(null);
  const titleId = useId();
  const offlineId = useId();
  useEffect(() => {
    frame.current?.focus();
    const closeOutside = (event: PointerEvent) => {
      const inBar = event.target instanceof Element && event.target.closest(".status-sync") !== null;
      if (event.target instanceof Node && !frame.current?.contains(event.target) && !inBar) onClose();
    };
    window.addEventListener("pointerdown", closeOutside, true);
    return () => window.removeEventListener("pointerdown", closeOutside, true);
  }, [onClose]);

  const { account, sync } = app;
  const pending = pendingOf(sync);
  const workingOffline = sync.kind === "offline" && sync.byChoice;
  return (
    <div
      ref={frame}
      role="dialog"
      aria-labelledby={titleId}
      tabIndex={-1}
      className="popover sync-popover"
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          onClose();
        }
      }}
    >
      <h2 id={titleId}>Sync</h2>
      {sync.kind === "problem" || sync.kind === "ended" ? (
        <p className="sync-problem selectable">{refusalWords(sync.message)}</p>
      ) : null}
      {sync.kind === "problem" && sync.stoppedAtMs !== null ? (
        <p className="hint">
          Everything you write is saved on this computer. If trying again does not help, a fresh copy from the
          server does: your changes are put back into it.
        </p>
      ) : null}
      <dl>
        <dt>Server</dt>
        <dd className="selectable">{app.account.embedded ? "On this computer" : account.server}</dd>
        <dt>Account</dt>
        <dd className="selectable">
          {account.kind === "signed-out" ? "Not signed in" : (account.email ?? "Without an account")}
        </dd>
        <dt>To sync</dt>
        <dd>{pendingWords(pending, app.oldestPendingAtMs, app.reset)}</dd>
        {sync.kind === "synced" ? (
          <>
            <dt>Last synced</dt>
            <dd>{dateAndTime(sync.atMs)}</dd>
          </>
        ) : null}
      </dl>
      {account.kind === "signed-in" ? (
        <>
          <div className="switch-row">
            <label htmlFor={offlineId}>Work offline</label>
            <input
              id={offlineId}
              type="checkbox"
              role="switch"
              className="switch"
              checked={workingOffline}
              aria-checked={workingOffline}
              disabled={app.reset.kind === "recovering"}
              onChange={(event) => void request("sync:work-offline", { offline: event.target.checked })}
            />
          </div>
          <p className="hint">Everything you write is saved on this computer first, online or not.</p>
        </>
      ) : null}
      <div className="popover-buttons">
        {sync.kind === "problem" && account.kind === "signed-in" ? (
          <button type="button" className="button small" onClick={() => void request("sync:retry")}>
            Try again
          </button>
        ) : null}
        {sync.kind === "problem" && sync.stoppedAtMs !== null ? (
          <button type="button" className="button small" onClick={() => leaveFor("sync.fresh-copy")}>
            Get a fresh copy…
          </button>
        ) : null}
        {account.kind === "signed-out" || account.email === null ? (
          <button type="button" className="button small" onClick={() => leaveFor("account.sign-in")}>
            {account.kind === "signed-out" ? "Sign in…" : "Create an account…"}
          </button>
        ) : (
          <button type="button" className="button small" onClick={() => leaveFor("account.sign-out")}>
            Sign out…
          </button>
        )}
      </div>
    </div>
  );

  function leaveFor(command: string): void {
    onClose();
    runCommand(command);
  }
}
