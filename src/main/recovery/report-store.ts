// Reports of recoveries on disk: one JSON and one Markdown file each, named after the reset.

import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ReportSummary } from "../../shared/ipc-contract";
import type { RecoveryReport } from "../../shared/recovery/plan-types";
import { renderReportMarkdown } from "../../shared/recovery/report";
import { readJson, writeDurably } from "../durable-file";

export type ReportStore = {
  readonly write: (report: RecoveryReport) => void;
  readonly read: (resetId: string) => RecoveryReport | null;
  /** Newest first; files that cannot be read are passed over. */
  readonly list: () => ReportSummary[];
  readonly markdownFile: (resetId: string) => string;
};

export function openReportStore(folder: string): ReportStore {
  mkdirSync(folder, { recursive: true });
  const fileOf = (resetId: string, ending: string) =>
    join(folder, `${resetId.replace(/[^\w-]/g, "_")}.${ending}`);

  function read(resetId: string): RecoveryReport | null {
    const found = readJson(fileOf(resetId, "json"));
    if (found.kind !== "ok") return null;
    const report = found.value as Partial<RecoveryReport> | null;
    return report?.version === 1 && Array.isArray(report.items) ? (report as RecoveryReport) : null;
  }

  return {
    write(report) {
      writeDurably(fileOf(report.resetId, "md"), renderReportMarkdown(report));
      writeDurably(fileOf(report.resetId, "json"), `${JSON.stringify(report, null, 1)}\n`);
    },
    read,
    list() {
      return readdirSync(folder)
        .filter((name) => name.endsWith(".json"))
        .map((name) => read(name.slice(0, -".json".length)))
        .filter((report) => report !== null)
        .map(({ resetId, finishedAtMs, cause, changesRestored, items }) => ({
          resetId,
          finishedAtMs,
          cause,
          changesRestored,
          needsHelp: items.filter((item) => item.needsHelp).length,
        }))
        .sort((a, b) => b.finishedAtMs - a.finishedAtMs);
    },
    markdownFile: (resetId) => fileOf(resetId, "md"),
  };
}
