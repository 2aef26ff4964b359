// The report of one recovery as a working list: what was put back, what was merged, what needs a person, each
// with what can be done about it. It only asks main; what an action does is decided there.

import { useCallback, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { NoteId } from "../../shared/note";
import type { RecoveryReport, ReportItem } from "../../shared/recovery/plan-types";
import { causeText, countNeedsHelp, otherFailed } from "../../shared/recovery/report";
import { Icon } from "../design/Icon";
import { dateAndTime, plural } from "../design/words";
import { readAgain } from "../editor/editing-store";
import { ask, request } from "../stores/bridge";
import { openNote, showCopy } from "../stores/navigation";
import { titleOfRow } from "../stores/notes-store";
import { announce, showToast } from "../stores/toast-store";
import { markSettled, openOverlay, showPage, useView } from "../stores/view-store";
import { GroupSection } from "./GroupSection";
import { LeftoverSection } from "./LeftoverSection";
import { OutcomeCounts } from "./OutcomeCounts";
import {
  detailsOf,
  filteredFrom,
  groupsOf,
  type ItemAction,
  itemsFor,
  type ReportGroup,
  summaryLine,
} from "./report-model";
import "./report.css";

type Loaded =
  | { readonly kind: "loading" }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "shown"; readonly report: RecoveryReport };

export function ReportPage({ resetId }: { readonly resetId: string }) {
  const [loaded, setLoaded] = useState<Loaded>({ kind: "loading" });
  const heading = useRef<HTMLHeadingElement>(null);
  const column = useRef<HTMLDivElement>(null);
  const [sought, setSought] = useState("");
  /** The groups that a person has opened or closed; the others are as they are at first. */
  const [opened, setOpened] = useState<ReadonlyMap<ReportGroup["key"], boolean>>(new Map());

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
  const isUndone = report.undoneAtMs !== undefined;
  const groups = groupsOf(report, itemsFor(report, sought));
  const isOpen = (group: ReportGroup) => opened.get(group.key) ?? (sought !== "" || group.openAtFirst);
  const setOpen = (key: ReportGroup["key"], open: boolean) => setOpened(new Map(opened).set(key, open));

  const goTo = (key: ReportGroup["key"]) => {
    flushSync(() => setOpen(key, true));
    const button = column.current?.querySelector<HTMLElement>(`[data-group="${key}"] h2 button`);
    button?.scrollIntoView({ block: "start" });
    button?.focus({ preventScroll: true });
  };

  const openCopy = async () => {
    const answer = await request("backups:open", { name: report.backupName });
    if (answer.kind === "ok") showCopy();
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
      <div ref={column} className="report-column">
        <header>
          <h1 ref={heading} tabIndex={-1}>
            {isUndone ? "This recovery was undone" : "Your notes are back"}
          </h1>
          <p className="report-when">{dateAndTime(report.undoneAtMs ?? report.finishedAtMs)}</p>
        </header>
        {isUndone ? (
          <p className="report-summary">
            This is what it had done on {dateAndTime(report.finishedAtMs)}. The safety copy still has all of
            your changes.
          </p>
        ) : null}
        <p className="report-summary">{summaryLine(report)}</p>
        <p className="report-cause">
          {causeText(report.cause)}
          {report.rolledBack ? " Nothing that was missing there was taken for deleted." : ""}
        </p>
        {report.leftovers === undefined ? null : <LeftoverSection leftovers={report.leftovers} />}
        <OutcomeCounts report={report} groups={groups} onGoTo={goTo} />
        {report.items.length < filteredFrom ? null : (
          <div className="report-filter">
            <Icon name="search" />
            <input
              type="search"
              className="text-input"
              aria-label="Find a note in this report"
              placeholder="Find a note in this report"
              value={sought}
              onChange={(event) => {
                setSought(event.target.value);
                setOpened(new Map());
              }}
            />
          </div>
        )}
        {sought !== "" && groups.length === 0 ? (
          <p className="report-summary" role="status">
            No note of this report is called “{sought}”.
          </p>
        ) : null}
        <OtherFailed ids={otherFailed(report)} />
        {groups.map((group) => (
          <GroupSection
            key={group.key}
            group={group}
            report={report}
            isOpen={isOpen(group)}
            onToggle={() => setOpen(group.key, !isOpen(group))}
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
            {isUndone ? null : (
              <button
                type="button"
                className="button small"
                onClick={() => openOverlay({ kind: "undo-recovery", resetId })}
              >
                Undo this recovery…
              </button>
            )}
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
