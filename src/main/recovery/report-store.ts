// Reports of recoveries on disk: one JSON and one Markdown file each, named after the reset. A report quotes notes,
// so each is shown to the user whose notes it is about.

import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { ReportSummary } from "../../shared/ipc-contract";
import type { RecoveryReport } from "../../shared/recovery/plan-types";
import { countNeedsHelp, renderItemsMarkdown, renderReportMarkdown } from "../../shared/recovery/report";
import type { Leftovers } from "../realm/leftovers";
import { readSealedJson, type Sealing, writeSealed } from "../sealed-file";

export type ReportStore = {
  /** What takes long in writing a report of these items, none of which failed, is done now, and used by `write`. */
  readonly prepare: (items: RecoveryReport["items"]) => void;
  readonly write: (report: RecoveryReport) => void;
  /** Keeps what has no place in any note, beside the report; answers the file's name. */
  readonly writeLeftovers: (resetId: string, leftovers: Leftovers) => string;
  readonly read: (resetId: string) => RecoveryReport | null;
  /** Whoever's it is: for what is decided about the safety copies of all. */
  readonly readAny: (resetId: string) => RecoveryReport | null;
  /** Whether this recovery was reported, to whomever. */
  readonly has: (resetId: string) => boolean;
  /** The safety copies that any user's reports are about. */
  readonly backupNames: () => string[];
  /** Everybody's, newest first: for whoever has the computer, without a log-in. */
  readonly listAny: () => ReportSummary[];
  /** Newest first; files that cannot be read are passed over. */
  readonly list: () => ReportSummary[];
  /** What its file says, opened, for somebody who wants to have it. Throws where it cannot be read. */
  readonly contentOf: (resetId: string, format: "md" | "json") => Buffer;
};

type StoredReport = RecoveryReport & { readonly userId: string };

type PreparedItems = {
  readonly items: RecoveryReport["items"];
  readonly markdown: string;
  readonly json: string;
};

function prepareItems(report: Pick<RecoveryReport, "items" | "failed">): PreparedItems {
  return {
    items: report.items,
    markdown: renderItemsMarkdown(report),
    json: JSON.stringify(report.items),
  };
}

function summaries(reports: readonly RecoveryReport[]): ReportSummary[] {
  return reports
    .map((report) => ({
      resetId: report.resetId,
      finishedAtMs: report.finishedAtMs,
      cause: report.cause,
      changesRestored: report.changesRestored,
      needsHelp: countNeedsHelp(report),
    }))
    .sort((a, b) => b.finishedAtMs - a.finishedAtMs);
}

/** `userId` says, at every call, whose reports are asked for. */
export function openReportStore(folder: string, sealing: Sealing, userId: () => string | null): ReportStore {
  mkdirSync(folder, { recursive: true });
  const fileOf = (resetId: string, ending: string) =>
    join(folder, `${resetId.replace(/[^\w-]/g, "_")}.${ending}`);

  let prepared: PreparedItems | null = null;

  function readAny(resetId: string): StoredReport | null {
    const found = readSealedJson(fileOf(resetId, "json"), sealing);
    if (found.kind !== "ok") return null;
    const report = found.value as Partial<StoredReport> | null;
    return report?.version === 1 && Array.isArray(report.items) ? (report as StoredReport) : null;
  }

  function readAll(): StoredReport[] {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .map((name) => readAny(name.slice(0, -".json".length)))
      .filter((report) => report !== null);
  }

  function read(resetId: string): RecoveryReport | null {
    const report = readAny(resetId);
    return report?.userId === userId() ? report : null;
  }

  return {
    prepare(items) {
      prepared = prepareItems({ items, failed: [] });
    },
    write(report) {
      const isPrepared = prepared?.items === report.items && report.failed.length === 0;
      const { markdown, json } = isPrepared ? prepared! : prepareItems(report);
      prepared = null;
      writeSealed(fileOf(report.resetId, "md"), renderReportMarkdown(report, markdown), sealing);
      const { items: _, ...rest } = { ...report, userId: userId() };
      const stored = `${JSON.stringify(rest).slice(0, -1)},"items":${json}}\n`;
      writeSealed(fileOf(report.resetId, "json"), stored, sealing);
    },
    writeLeftovers(resetId, leftovers) {
      const file = fileOf(resetId, "leftovers.jsonl");
      writeSealed(file, `${JSON.stringify(leftovers)}\n`, sealing);
      return basename(file);
    },
    read,
    readAny,
    has: (resetId) => readAny(resetId) !== null,
    backupNames: () => readAll().map(({ backupName }) => backupName),
    listAny: () => summaries(readAll()),
    list: () => summaries(readAll().filter((report) => report.userId === userId())),
    contentOf(resetId, format) {
      const opened = sealing.open(readFileSync(fileOf(resetId, format)));
      if (opened.kind === "sealed-shut") throw new Error(opened.message);
      return opened.bytes;
    },
  };
}
