// The support bundle: one JSON file with what a supporter needs to understand what sync and recovery did. Numbers,
// causes, identities and the log; no text, title or path of any note, no e-mail address, no key.

import { arch, platform, release } from "node:os";
import type { RecoveryReport } from "../shared/recovery/plan-types";
import { causeText, countOutcomes } from "../shared/recovery/report";
import { listShelf } from "./backups/shelf";
import { writeDurably } from "./durable-file";
import { readLogTail } from "./log";
import { readJournals } from "./notes/journal";
import type { DataPaths } from "./paths";
import type { Perennial } from "./perennial";

const logBytes = 512 * 1024;

/** Throws what the file system throws. */
export function writeSupportBundle(file: string, perennial: Perennial, nowMs: number): void {
  writeDurably(file, `${JSON.stringify(supportBundle(perennial, nowMs), null, 1)}\n`);
}

function supportBundle(perennial: Perennial, nowMs: number) {
  const { paths, reports } = perennial;
  const { version, runtime, account, sync, reset, audit, readOnly } = perennial.state();
  const session = perennial.session();
  const userId = perennial.userId();
  return {
    version: 1,
    writtenAtMs: nowMs,
    app: { version, runtime, node: process.version, system: `${platform()} ${release()} ${arch()}` },
    account: { kind: account.kind, isServerEmbedded: account.embedded },
    sync: withoutMessage(sync),
    reset: { kind: reset.kind, state: perennial.resetState() },
    audit,
    readOnly,
    notes: session?.store.rows().size ?? null,
    tracker:
      session === null ? null : { ackedThrough: session.tracker.ackedThrough(), pending: session.pending() },
    journals: userId === null ? null : describeJournals(paths, userId),
    safetyCopies: listShelf(paths.backups, reports.readAny).map(({ manifest, report, expiresAtMs }) => ({
      ...manifest,
      report,
      expiresAtMs,
    })),
    reports: reports
      .list()
      .flatMap(({ resetId }) => reports.read(resetId) ?? [])
      .map(describeReport),
    log: readLogTail(paths.log, logBytes),
  };
}

function withoutMessage(sync: ReturnType<Perennial["state"]>["sync"]) {
  return sync.kind === "problem" ? { kind: sync.kind, pending: sync.pending } : sync;
}

function describeJournals(paths: DataPaths, userId: string) {
  const { journals, unreadable } = readJournals(paths.journals, userId, paths.sealing);
  return {
    unreadable: unreadable.length,
    files: journals.map(({ header, entries, trusted }) => ({
      generation: header.generation,
      ordinal: header.ordinal,
      entries: entries.length,
      lastSeq: entries.at(-1)?.seq ?? header.droppedThrough ?? null,
      trusted,
    })),
  };
}

/** Which notes, by id, and what became of them; what they say stays where it is. */
function describeReport(report: RecoveryReport) {
  const { items, leftovers, ...rest } = report;
  return {
    ...rest,
    leftovers: leftovers === undefined ? null : describeLeftovers(leftovers),
    why: causeText(report.cause),
    counts: countOutcomes(items),
    items: items.map(({ noteId, outcome, needsHelp, copyId, undo, settled }) => ({
      noteId,
      outcome,
      needsHelp,
      copyId,
      isWritten: undo !== null,
      settled: settled ?? null,
    })),
  };
}

function describeLeftovers(leftovers: NonNullable<RecoveryReport["leftovers"]>) {
  const { notes, fields, classes, values = [], objects = [] } = leftovers;
  return { notes, fields, classes, values: values.length, objects: objects.length };
}
