// Answers the channels about recovery: the plan before it is carried out, the reports after it, and what a person
// decides line by line.

import { writeFileSync } from "node:fs";
import { extname } from "node:path";
import type { RecoveryReport, ReportItem } from "../../shared/recovery/plan-types";
import { isFailedOf } from "../../shared/recovery/report";
import type { Desktop } from "../answers";
import { type Handlers, ok, refused } from "../handlers";
import { recoveredIdOf } from "../notes/known-notes";
import { notSaved } from "../notes/note-commands";
import type { Perennial } from "../perennial";
import { titleOfExport } from "../sealed-file";
import type { Session } from "../session";
import { commitInBatches } from "../transfer/import-folder";
import { resolveItem } from "./resolve-item";
import { readStoredPlan, removeStoredPlan } from "./stored-plan";
import { undoRecovery } from "./undo-recovery";

type ReportChannel =
  | "reset:plan-items"
  | "reset:cancel-plan"
  | "reports:list"
  | "reports:read"
  | "reports:confirm"
  | "reports:save"
  | "reports:resolve"
  | "reports:undo-all";

const gone = refused("This report is not there any more.");
const notNow = refused("The notes can only be read just now. Try again when they can be written to.");

/** `writable`: the session, where notes may be changed now. */
export function createReportAnswers(
  perennial: Perennial,
  desktop: Pick<Desktop, "chooseFileToSave">,
  writable: () => Session | null,
  now: () => number,
): Pick<Handlers, ReportChannel> {
  const { reports, paths } = perennial;

  function storedPlan() {
    const state = perennial.resetState();
    return state.kind === "reviewing" ? readStoredPlan(paths.plan, state.facts.resetId, paths.sealing) : null;
  }

  return {
    "reset:plan-items": ({ from, count }) => {
      const items = storedPlan()?.plan.items ?? null;
      if (items === null) return refused("There is no plan to look at.");
      return ok({ total: items.length, items: items.slice(from, from + count) });
    },
    "reset:cancel-plan": () => {
      if (perennial.resetState().kind !== "reviewing") return refused("There is no plan to cancel.");
      removeStoredPlan(paths.plan);
      perennial.dispatch({ kind: "plan-cancelled" });
      return ok(null);
    },
    "reports:list": () => ok(reports.list()),
    "reports:read": ({ resetId }) => {
      const report = reports.read(resetId);
      return report === null ? gone : ok(report);
    },
    "reports:confirm": ({ resetId }) => {
      const report = reports.read(resetId);
      if (report === null) return gone;
      reports.write({ ...report, confirmed: true, confirmedAtMs: report.confirmedAtMs ?? now() });
      return ok(null);
    },
    "reports:save": async ({ resetId }) => {
      if (reports.read(resetId) === null) return gone;
      const title = titleOfExport("Save the recovery report", paths.sealing);
      const file = await desktop.chooseFileToSave(title, "Recovery report.md");
      if (file === null) return ok(null);
      const isJson = extname(file).toLowerCase() === ".json";
      try {
        writeFileSync(file, reports.contentOf(resetId, isJson ? "json" : "md"), { mode: 0o600 });
        return ok(file);
      } catch (error) {
        return refused(`The report could not be saved: ${(error as Error).message}`);
      }
    },
    "reports:resolve": ({ resetId, noteId, choice }) => {
      const session = writable();
      const report = reports.read(resetId);
      const item = report?.items.find((each) => each.noteId === noteId);
      if (report === null) return gone;
      if (item === undefined) return refused("This report says nothing of that note.");
      if (session === null) return notNow;
      const { notes } = session.store.readAll();
      const isFailed = isFailedOf(report)(item);
      const resolution = resolveItem(item, choice, { resetId, notes, atMs: now(), isFailed });
      if (resolution.kind === "refused") return resolution;
      try {
        session.store.commit(resolution.changes);
        reports.write(withSettled(report, item, choice));
      } catch (error) {
        return refused(notSaved(error));
      }
      return ok(null);
    },
    "reports:undo-all": async ({ resetId }) => {
      const session = writable();
      const report = reports.read(resetId);
      if (report === null) return gone;
      if (session === null) return notNow;
      const { notes } = session.store.readAll();
      const recoveredId = recoveredIdOf(session.userId);
      const { changes, undone, left } = undoRecovery(report, notes, now(), recoveredId);
      try {
        await commitInBatches(
          changes,
          (batch) => session.store.commit(batch),
          () => undefined,
        );
        reports.write({ ...report, undoneAtMs: report.undoneAtMs ?? now() });
      } catch (error) {
        return refused(notSaved(error));
      }
      return ok({ undone, left });
    },
  };
}

function withSettled(report: RecoveryReport, item: ReportItem, settled: string): RecoveryReport {
  return {
    ...report,
    failed: report.failed.filter((id) => id !== item.noteId && id !== item.copyId),
    items: report.items.map((each) => (each === item ? { ...item, needsHelp: false, settled } : each)),
  };
}
