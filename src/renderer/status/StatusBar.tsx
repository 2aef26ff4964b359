// The line at the bottom: on the left how sync is doing and where it goes, on the right what is being read.

import { useEffect, useRef, useState } from "react";
import type { AppState } from "../../shared/ipc-contract";
import { runCommand } from "../commands/registry";
import { Icon } from "../design/Icon";
import { EditorStatus } from "../editor/EditorStatus";
import { SyncPopover } from "./SyncPopover";
import "./status.css";
import { nextLookMs, nextShownSync, type ShownSync, syncWords } from "./sync-words";

export function StatusBar({ app }: { readonly app: AppState }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const { shown, nowMs } = useShownSync(app.sync);
  const words = syncWords(shown, app.reset, nowMs, app.copyOverdue);
  const quiet = app.reset.kind === "none" || app.reset.kind === "finished";
  return (
    <footer className="status-bar">
      <div className="status-sync">
        <button
          ref={button}
          type="button"
          className={words.icon === "warning" ? "status-button warning" : "status-button"}
          title={words.tooltip ?? undefined}
          aria-haspopup="dialog"
          aria-expanded={open}
          onClick={() =>
            app.sync.kind === "signed-out" && quiet ? runCommand("account.sign-in") : setOpen(!open)
          }
        >
          <Icon name={words.icon} />
          <span>{words.text}</span>
        </button>
        {words.link === null ? null : (
          <button type="button" className="link-button" onClick={() => runCommand(words.link?.command ?? "")}>
            {words.link.label}
          </button>
        )}
        {words.icon === "warning" && words.link === null ? (
          <button type="button" className="link-button" onClick={() => setOpen(true)}>
            Details
          </button>
        ) : null}
      </div>
      {/* Only what changes the meaning is spoken, not each 'minute ago'. */}
      <span className="visually-hidden" role="status" aria-label="Sync">
        {shown.kind === "synced" && words.icon === "check" ? "Synced" : words.text}
      </span>
      <EditorStatus />
      {open ? (
        <SyncPopover
          app={app}
          onClose={() => {
            setOpen(false);
            button.current?.focus();
          }}
        />
      ) : null}
    </footer>
  );
}

function useShownSync(sync: AppState["sync"]): { shown: AppState["sync"]; nowMs: number } {
  const held = useRef<ShownSync | null>(null);
  const [, look] = useState(0);
  const nowMs = Date.now();
  held.current = nextShownSync(held.current, sync, nowMs);
  const waitMs = nextLookMs(held.current, nowMs);
  useEffect(() => {
    const timer = setTimeout(() => look((count) => count + 1), waitMs);
    return () => clearTimeout(timer);
  });
  return { shown: held.current.shown, nowMs };
}
