import { describe, expect, it } from "vitest";
import type { RecoveryProgress, ResetDetails } from "../../shared/ipc-contract";
import {
  copyFailedWords,
  detailRows,
  finishedWords,
  meanwhileWords,
  mendedWords,
  opensReport,
  postponedWords,
  progressNotice,
  progressShare,
  safeWords,
  spokenProgress,
  stepWords,
  stoppedTitle,
  stoppedWords,
  waitsForRecovery,
  whyFreshCopy,
} from "./reset-words";

const details: ResetDetails = {
  cause: "restored",
  causeText: "The server's data was restored from an earlier copy.",
  referenceCode: "PR-217",
  serverMessage: "",
  backupPlace: "Backups/2026-11-21",
  copyAtMs: new Date(2026, 10, 21, 10, 42).getTime(),
};
const said = (pending: number | null) => Object.values(safeWords(pending)).join("");
const progress = (changes: Partial<RecoveryProgress> = {}): RecoveryProgress => ({
  steps: [
    { name: "copy", state: "done", done: null, total: null },
    { name: "download", state: "running", done: 3_204, total: 9_870 },
    { name: "apply", state: "waiting", done: null, total: null },
    { name: "check", state: "waiting", done: null, total: null },
    { name: "sync", state: "waiting", done: null, total: null },
  ],
  offline: false,
  slow: false,
  ...changes,
});

describe("the prompt", () => {
  it("counts what has not been synced", () => {
    expect(said(12)).toBe(
      "Everything on this computer is saved, including 12 changes that have not been synced yet.",
    );
    expect(said(1)).toBe(
      "Everything on this computer is saved, including 1 change that has not been synced yet.",
    );
  });

  it("says that all is synced when nothing waits", () => {
    expect(said(0)).toBe("Everything on this computer is already synced.");
  });

  it("shows no number before it was counted", () => {
    expect(said(null)).toBe(
      "Everything on this computer is saved, including changes that have not been synced yet.",
    );
  });

  it("tells the server's own words only where there are any", () => {
    expect(detailRows(details).map(([term]) => term)).toEqual(["Why", "Safety copy", "Reference"]);
    expect(detailRows({ ...details, serverMessage: "bad history. Logs: " }).at(-1)?.[1]).toBe("bad history.");
    expect(detailRows({ ...details, serverMessage: "bad history" }).at(-1)).toEqual([
      "The server said",
      "bad history",
    ]);
  });
});

describe("a copy that failed", () => {
  it("says how much room to make", () => {
    expect(copyFailedWords({ kind: "copy-failed", message: "Disk full.", bytesNeeded: 239_500_000 })).toBe(
      "Syncing is paused. Your notes are still here. Free 240 MB on this disk, then try again.",
    );
  });

  it("gives the reason where room would not help", () => {
    expect(
      copyFailedWords({
        kind: "copy-failed",
        message: "The folder cannot be written to.",
        bytesNeeded: null,
      }),
    ).toBe(
      "Syncing is paused, and nothing is touched. The folder cannot be written to. Try again, or export the notes as they are now.",
    );
  });
});

describe("the progress", () => {
  it("names each step with its counts", () => {
    expect(progress().steps.map(stepWords)).toEqual([
      "Safety copy checked",
      "Getting a fresh copy (3,204 of 9,870)",
      "Putting your changes back",
      "Checking the tree",
      "Syncing",
    ]);
  });

  it("speaks the step without its counts, so that it is spoken once", () => {
    expect(spokenProgress(progress())).toBe("Getting a fresh copy.");
  });

  it("says that one can write only where one can", () => {
    expect(meanwhileWords(progress(), false)).toBe(
      "Getting a fresh copy (3,204 of 9,870). You can keep writing.",
    );
    expect(meanwhileWords(progress({ offline: true }), true)).toBe("Waiting for the internet.");
    expect(spokenProgress(progress({ slow: true }), false)).toMatch(/longer than usual.*keep writing/);
  });

  it("keeps saving waiting from the plan on, and not before", () => {
    const at = (name: string) =>
      waitsForRecovery({
        kind: "recovering",
        details,
        progress: progress({
          steps: progress().steps.map((step) => ({
            ...step,
            state: step.name === name ? "running" : "waiting",
          })),
        }),
      });
    expect(["copy", "download", "apply", "check", "sync"].map(at)).toEqual([false, false, true, true, true]);
    expect(waitsForRecovery({ kind: "none" })).toBe(false);
  });

  it("says why it waits, offline before slow", () => {
    expect(progressNotice(progress())).toBeNull();
    expect(progressNotice(progress({ slow: true }))).toMatch(/longer than usual/);
    expect(progressNotice(progress({ slow: true, offline: true }))).toMatch(/Waiting for the internet/);
  });

  it("grows from nothing to all", () => {
    const at = progressShare(progress());
    expect(at).toBeGreaterThan(0.2);
    expect(at).toBeLessThan(0.4);
    const done = progress().steps.map((step) => ({ ...step, state: "done" as const }));
    expect(progressShare(progress({ steps: done }))).toBe(1);
  });
});

describe("a recovery that waits for a person", () => {
  it("promises no writing where notes can only be read", () => {
    expect(postponedWords(false)).toMatch(/keep writing/);
    expect(postponedWords(true)).not.toMatch(/writ/);
  });
});

describe("the end", () => {
  const finished = (changesRestored: number, needsHelp: number) =>
    ({ kind: "finished", resetId: "r1", counts: {} as never, needsHelp, changesRestored }) as const;

  it("opens the report unasked when somebody is needed, and the first time", () => {
    expect(opensReport(finished(12, 1), true, false)).toBe(true);
    expect(opensReport(finished(12, 0), false, false)).toBe(true);
    expect(opensReport(finished(12, 0), true, false)).toBe(false);
    expect(opensReport(finished(0, 0), false, false)).toBe(false);
  });

  it("does not open the report in front of somebody who writes, and says what it would have", () => {
    expect(opensReport(finished(12, 1), false, true)).toBe(false);
    expect(finishedWords(12, 1)).toBe("Your notes are back. 12 changes restored. 1 note needs your help.");
    expect(finishedWords(1, 2)).toBe("Your notes are back. 1 change restored. 2 notes need your help.");
  });

  it("says in one line that nothing had to be restored", () => {
    expect(finishedWords(0)).toBe("Your notes are back. Everything was already synced.");
    expect(finishedWords(12)).toBe("Your notes are back. 12 changes restored.");
  });

  it("says when recovery stopped where the notes are", () => {
    expect(stoppedWords(details)).toBe("Your notes are safe in the copy from 10:42. Nothing was deleted.");
  });

  it("uses no word of the sync engine", () => {
    for (const words of [
      postponedWords(false),
      postponedWords(true),
      meanwhileWords(progress(), false),
      said(3),
      stoppedWords(details),
    ]) {
      expect(words).not.toMatch(/client reset|session|realm/i);
    }
  });
});

describe("what the audit says", () => {
  it("counts what was put back", () => {
    expect(mendedWords(1)).toBe("1 note had vanished from the server and was put back.");
    expect(mendedWords(3)).toBe("3 notes had vanished from the server and were put back.");
    expect(mendedWords(0)).toMatch(/vanished again/);
  });
});

describe("a recovery in words", () => {
  it("does not lay at the server's door what began here", () => {
    for (const cause of ["asked-for", "cannot-open", "upload-too-large"] as const) {
      expect(whyFreshCopy(cause)).not.toMatch(/server asks/);
    }
    expect(whyFreshCopy("restored")).toMatch(/server asks/);
  });

  it("sounds like a failure only where something failed", () => {
    const view = { kind: "stopped", message: "", details } as const;
    expect(stoppedTitle({ ...view, why: "failed" })).toBe("Recovery could not finish.");
    expect(stoppedTitle({ ...view, why: "too-many-resets" })).toBe("Recovery is waiting for you.");
    expect(stoppedTitle({ ...view, why: "cancelled" })).toBe("Recovery is waiting for you.");
  });
});
