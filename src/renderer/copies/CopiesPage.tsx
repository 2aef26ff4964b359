// Help ▸ Safety copies: every copy of the notes on this computer, to be read, exported or shown in its folder. Works
// before a log-in and without a server.

import { useCallback, useEffect, useRef, useState } from "react";
import { keptWords, mayDelete } from "../../shared/backup-rules";
import type { BackupRow } from "../../shared/ipc-contract";
import { Icon } from "../design/Icon";
import { dateAndTime, plural, sizeWords } from "../design/words";
import { useApp } from "../stores/app-store";
import { ask, request } from "../stores/bridge";
import { showCopy } from "../stores/navigation";
import { showToast } from "../stores/toast-store";
import { openOverlay, showPage, useView } from "../stores/view-store";
import { exportedWords, momentWords } from "./copy-words";
import "../report/report.css";
import "./copies.css";

/** `backLabel`: where the page was come to from. */
export function CopiesPage({
  canMake,
  backLabel,
}: {
  readonly canMake: boolean;
  readonly backLabel: string;
}) {
  const [copies, setCopies] = useState<readonly BackupRow[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const overdue = useApp(({ app }) => app?.copyOverdue ?? null);
  const overlay = useView((view) => view.overlay);
  const heading = useRef<HTMLHeadingElement>(null);

  const read = useCallback(async () => {
    const answer = await ask("backups:list");
    if (answer.kind === "ok") setCopies(answer.value);
    else setProblem(answer.message);
  }, []);

  useEffect(() => heading.current?.focus(), []);

  // Also when a question is answered: a copy may be gone.
  useEffect(() => {
    if (overlay === null) void read();
  }, [read, overlay]);

  const make = async () => {
    setBusy(true);
    await request("backups:make");
    await read();
    setBusy(false);
  };

  return (
    <main className="report" aria-busy={copies === null && problem === null}>
      <div className="report-column">
        <h1 ref={heading} tabIndex={-1}>
          Safety copies
        </h1>
        <p className="report-summary">
          Perennial makes a copy of all your notes once a day, and before anything that could lose one. Every
          copy is checked when it is made.
        </p>
        {overdue === null ? null : (
          <p className="report-summary" role="status">
            The last try did not work: {overdue.message}
          </p>
        )}
        {problem === null ? null : <p className="report-summary">{problem}</p>}
        {copies?.length === 0 ? <p className="report-summary">There is no safety copy yet.</p> : null}
        <ul className="copy-list" aria-label="Safety copies">
          {(copies ?? []).map((copy) => (
            <CopyLine key={copy.name} copy={copy} when={momentWords(copy, copies ?? [])} />
          ))}
        </ul>
        <div className="report-buttons">
          {canMake ? (
            <button type="button" className="button small" disabled={busy} onClick={() => void make()}>
              Make a copy now
            </button>
          ) : null}
          <button type="button" className="button small" onClick={() => showPage({ kind: "note" })}>
            {backLabel}
          </button>
        </div>
      </div>
    </main>
  );
}

function CopyLine({ copy, when }: { readonly copy: BackupRow; readonly when: string }) {
  const { name, resetId } = copy;

  const open = async () => {
    const answer = await request("backups:open", { name });
    if (answer.kind === "ok") showCopy();
  };
  const exportAs = async (format: "markdown" | "json") => {
    const answer = await request("backups:export", { name, format, to: null });
    if (answer.kind === "ok" && answer.value > 0) showToast({ message: exportedWords(format, answer.value) });
  };
  const actions: readonly (readonly [label: string, run: () => void])[] = [
    ["Open read-only", () => void open()],
    ["Export as Markdown…", () => void exportAs("markdown")],
    ["Export as JSON…", () => void exportAs("json")],
    ["Show in folder", () => void request("backups:reveal", { name })],
    ...(mayDelete(copy.kept) ? [["Delete…", () => openOverlay({ kind: "delete-copy", copy })] as const] : []),
    ...(resetId === null ? [] : [["Recovery report", () => showPage({ kind: "report", resetId })] as const]),
  ];
  return (
    <li>
      <Icon name="shield" />
      <div className="copy-line">
        <strong>{when}</strong>
        <span>
          {plural(copy.notes, "note")} · {sizeWords(copy.sizeBytes)}
        </span>
        <span className="item-path">{copy.why}</span>
        <span className="item-path">{keptWords(copy.kept, dateAndTime)}</span>
        <div className="copy-actions">
          {actions.map(([label, run]) => (
            <button
              key={label}
              type="button"
              className="button small"
              aria-label={`${label} (copy of ${when})`}
              onClick={run}
            >
              {label}
            </button>
          ))}
        </div>
      </div>
    </li>
  );
}
