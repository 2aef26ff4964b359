// The report of one recovery as a working list: what was put back, what was merged, what needs a person, each
// with what can be done about it. It only asks main; what an action does is decided there.

import { useCallback, useEffect, useRef, useState } from "react";
import type { NoteId } from "../../shared/note";
import type { RecoveryReport, ReportItem } from "../../shared/recovery/plan-types";
import { causeText, countNeedsHelp, otherFailed } from "../../shared/recovery/report";
import { Dialog } from "../design/Dialog";
import { Icon } from "../design/Icon";
import { dateAndTime, plural } from "../design/words";
import { readAgain } from "../editor/editing-store";
import { ask, request } from "../stores/bridge";
import { openNote } from "../stores/navigation";
import { titleOfRow } from "../stores/notes-store";
import { announce, showToast } from "../stores/toast-store";
import { closeOverlay, markSettled, openOverlay, setView, showPage, useView } from "../stores/view-store";
import { GroupSection } from "./GroupSection";
import { LeftoverSection } from "./LeftoverSection";
import { countsOf, detailsOf, groupsOf, type ItemAction, summaryLine } from "./report-model";
import "./report.css";

type Loaded =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "shown"; readonly report: RecoveryReport };

export function ReportPage({ resetId }: { readonly resetId: string }) {
  const [loaded, setLoaded] = useState<Loaded>({ kind: "loading" });
  const heading = useRef<HTMLHeadingElement>(null);

  const read = useCallback(async () => {
    const answer = await ask("reports:read", { resetId });
    setLoaded(
      answer.kind === "ok"
        ? { kind: "shown", report: answer.value }
        : { kind: "failed", message: answer.message },
    );
  }, [resetId]);

  // A dialog over the report may have settled one of its notes.
  const covered = useView((view) => view.overlay !== null);
  useEffect(() => {
    if (!covered) void read();
  }, [read, covered]);

  const shown = loaded.kind === "shown";
  useEffect(() => {
    if (shown) heading.current?.focus();
  }, [shown]);

  if (loaded.kind === "loading")
    return <main className="report" aria-busy="true" aria-label="Recovery report" />;
  if (loaded.kind === "failed") {
    return (
      <main className="report">
        <div className="report-column">
          <h1>This report could not be read</h1>
          <p className="report-summary">{loaded.message}</p>
        </div>
      </main>
    );
  }

  const { report } = loaded;
  const needsHelp = countNeedsHelp(report);

  const openCopy = async () => {
    const answer = await request("backups:open", { name: report.backupName });
    if (answer.kind === "ok") setView({ page: { kind: "note" }, openId: null });
  };

  const settled = async (item: ReportItem, choice: string) => {
    markSettled(resetId, item.noteId, choice);
    announce(`${choice}: ${item.title}`);
    await Promise.all([read(), readAgain()]);
  };

  const act = async (item: ReportItem, action: ItemAction) => {
    switch (action.kind) {
      case "open":
        openNote(action.id);
        return;
      case "compare":
        openOverlay({ kind: "compare", resetId, item });
        return;
      case "move-to":
        openOverlay({ kind: "move-to", ids: [item.noteId] });
        return;
      case "open-copy":
        await openCopy();
        return;
      case "copy-details":
        await navigator.clipboard.writeText(detailsOf(item, report)).then(
          () => announce("Details copied"),
          () => showToast({ message: "The details could not be copied." }),
        );
        return;
      case "resolve": {
        const answer = await request("reports:resolve", {
          resetId,
          noteId: item.noteId,
          choice: action.choice,
        });
        if (answer.kind === "ok") await settled(item, action.label);
      }
    }
  };

  const save = async () => {
    const answer = await request("reports:save", { resetId });
    if (answer.kind === "ok" && answer.value !== null)
      showToast({ message: `Report saved as ${answer.value}` });
  };

  const confirm = async () => {
    const answer = await request("reports:confirm", { resetId });
    if (answer.kind === "ok") await read();
  };

  return (
    <main className="report">
      <div className="report-column">
        <header>
          <h1 ref={heading} tabIndex={-1}>
            Your notes are back
          </h1>
          <p className="report-when">{dateAndTime(report.finishedAtMs)}</p>
        </header>
        <p className="report-summary">{summaryLine(report)}</p>
        {report.undoneAtMs === undefined ? null : (
          <p className="report-summary">This recovery was undone on {dateAndTime(report.undoneAtMs)}.</p>
        )}
        <p className="report-cause">
          {causeText(report.cause)}
          {report.rolledBack ? " Nothing that was missing there was taken for deleted." : ""}
        </p>
        {report.leftovers === undefined ? null : <LeftoverSection leftovers={report.leftovers} />}
        <ul className="counts" aria-label="Outcomes">
          {countsOf(report).map((chip) => (
            <li key={chip.key} className={chip.count === 0 ? "none" : chip.key}>
              <Icon name={chip.icon} />
              <span>
                <strong>{chip.count}</strong> {chip.text}
              </span>
            </li>
          ))}
        </ul>
        <OtherFailed ids={otherFailed(report)} />
        {groupsOf(report).map((group) => (
          <GroupSection
            key={group.key}
            group={group}
            report={report}
            onAction={(item, action) => void act(item, action)}
          />
        ))}
        {report.items.length === 0 ? (
          <p className="report-summary">Everything was already synced, so nothing had to be put back.</p>
        ) : null}
        <footer className="report-footer">
          <div className="report-keep">
            <Icon name="shield" />
            <p>
              {needsHelp > 0
                ? `The safety copy is kept until nothing needs your help any more (${plural(needsHelp, "note")} left), then for 30 days.`
                : report.confirmed
                  ? "You have confirmed this report. The safety copy is kept for 30 days, and never fewer than the last three."
                  : "The safety copy is kept until you confirm this report, then for 30 days."}
            </p>
            {report.confirmed || needsHelp > 0 ? null : (
              <button type="button" className="button primary small" onClick={() => void confirm()}>
                Everything is here
              </button>
            )}
          </div>
          <div className="report-buttons">
            <button type="button" className="button small" onClick={() => void save()}>
              Save report…
            </button>
            <button
              type="button"
              className="button small"
              onClick={() => openOverlay({ kind: "undo-recovery", resetId })}
            >
              Undo this recovery…
            </button>
            {report.backupName === "" ? null : (
              <button type="button" className="button small" onClick={() => void openCopy()}>
                Open safety copy
              </button>
            )}
            <button type="button" className="button small" onClick={() => showPage({ kind: "note" })}>
              Back to the notes
            </button>
          </div>
        </footer>
      </div>
    </main>
  );
}

function OtherFailed({ ids }: { readonly ids: readonly NoteId[] }) {
  if (ids.length === 0) return null;
  return (
    <section aria-label="Other notes that the server did not keep">
      <p>
        {`The server did not keep what was written into ${plural(ids.length, "other note")} for the sake of these. Your safety copy has all of it:`}
      </p>
      <ul className="left-alone selectable">
        {ids.map((id) => (
          <li key={id}>{titleOfRow(id)}</li>
        ))}
      </ul>
    </section>
  );
}

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
            : ` ${plural(left.left.length, "note was", "notes were")} edited since and left alone:`}
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
        somebody has edited since are left alone and listed. The safety copy stays.
      </p>
    </Dialog>
  );
}
