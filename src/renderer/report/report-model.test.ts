import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import { outcomes, type RecoveryReport, type ReportItem } from "../../shared/recovery/plan-types";
import { countNeedsHelp } from "../../shared/recovery/report";
import {
  actionsOf,
  choiceWords,
  countsOf,
  detailsOf,
  groupOfCount,
  groupsOf,
  itemsFor,
  keepActionsOf,
  pathWords,
  sentenceOf,
  summaryLine,
} from "./report-model";

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}` as NoteId;

function item(n: number, changes: Partial<ReportItem>): ReportItem {
  return {
    noteId: id(n),
    outcome: "put-back",
    title: `Note ${n}`,
    path: [],
    sentence: "Your edit from 10:31 was put back.",
    needsHelp: false,
    copyId: null,
    base: null,
    mine: null,
    theirs: null,
    result: null,
    undo: null,
    ...changes,
  };
}

function reportOf(items: readonly ReportItem[], changes: Partial<RecoveryReport> = {}): RecoveryReport {
  return {
    version: 1,
    resetId: "r1",
    cause: "restored",
    strategy: "merge",
    startedAtMs: 0,
    finishedAtMs: 1,
    rolledBack: false,
    backupName: "copy-1",
    notesFromServer: 9_870,
    changesRestored: 12,
    items,
    failed: [],
    confirmed: false,
    ...changes,
  };
}

describe("what a line offers", () => {
  const labels = (of: ReportItem, isFailed = false) => actionsOf(of, isFailed).map(({ label }) => label);
  const two = { mine: "mine", theirs: "theirs" };

  it("lets two versions be compared and settled, whatever became of them", () => {
    for (const outcome of outcomes) {
      if (outcome === "left-out") continue;
      expect(labels(item(1, { ...two, outcome })), outcome).toContain("Compare");
    }
    expect(keepActionsOf(item(1, { ...two, outcome: "merged" }))).toHaveLength(3);
    expect(keepActionsOf(item(1, { mine: "same", theirs: "same" }))).toEqual([]);
  });

  it("gives everything that needs help a way to leave it as it is", () => {
    const help = { needsHelp: true, ...two };
    expect(labels(item(1, { ...help, outcome: "deletion-kept" }))).toContain("Leave in trash");
    expect(labels(item(1, { ...help, outcome: "deletion-not-repeated" }))).toContain("Keep it");
    const leftOut = { leftOut: {} as never, outcome: "left-out" } as const;
    expect(labels(item(1, { ...help, ...leftOut }))).toEqual(
      expect.arrayContaining(["Put back", "Leave away"]),
    );
  });

  it("lets what the server did not keep be put back again", () => {
    expect(labels(item(1, { mine: "mine" }), true)).toContain("Put back again");
  });

  it("remembers what was chosen in an earlier window", () => {
    expect(choiceWords("mine")).toBe("Keep mine");
    expect(choiceWords(undefined)).toBe(undefined);
  });
});

describe("groupsOf", () => {
  it("puts what needs help first and open, and what was put back last and closed", () => {
    const groups = groupsOf(
      reportOf([
        item(1, {}),
        item(2, { outcome: "merged" }),
        item(3, { outcome: "left-out", needsHelp: true }),
      ]),
    );
    expect(groups.map(({ key, openAtFirst }) => [key, openAtFirst])).toEqual([
      ["needs-help", true],
      ["merged", true],
      ["put-back", false],
    ]);
  });

  it("shows every item exactly once, whatever its outcome", () => {
    const items = outcomes.map((outcome, n) => item(n, { outcome }));
    const shown = groupsOf(reportOf(items)).flatMap((group) => group.items);
    expect(new Set(shown)).toEqual(new Set(items));
    expect(shown).toHaveLength(items.length);
  });

  it("asks for help where the server did not keep a change", () => {
    const report = reportOf([item(1, {})], { failed: [id(1)] });
    expect(groupsOf(report)[0]?.key).toBe("needs-help");
    expect(countNeedsHelp(report)).toBe(1);
    expect(sentenceOf(report.items[0]!, report)).toMatch(/did not keep/);
  });

  it("asks for help where the copy of a note is what the server did not keep, and makes the copy again", () => {
    const copied = item(1, { outcome: "kept-as-copy", copyId: id(9) });
    const report = reportOf([copied], { failed: [id(9)] });
    expect(groupsOf(report)[0]?.key).toBe("needs-help");
    expect(actionsOf(copied, true)).toContainEqual({
      kind: "resolve",
      label: "Put back again",
      choice: "both",
    });
  });
});

describe("actionsOf", () => {
  it("offers at least one thing to do for every outcome", () => {
    for (const outcome of outcomes) expect(actionsOf(item(1, { outcome })).length).toBeGreaterThan(0);
  });

  it("lets a person choose between the versions of a note that was kept as a copy", () => {
    expect(actionsOf(item(1, { outcome: "kept-as-copy", copyId: id(9) })).map(({ label }) => label)).toEqual([
      "Open",
      "Open the copy",
      "Compare",
      "Keep mine",
      "Keep theirs",
      "Keep both",
    ]);
  });
});

describe("what is offered after a choice", () => {
  const choicesOf = (of: ReportItem, ...how: boolean[]) =>
    actionsOf(of, ...how).flatMap((action) => (action.kind === "resolve" ? [action.choice] : []));
  const note = (text: string): Note => ({
    id: id(1),
    text,
    isRoot: false,
    parentId: id(9),
    orderKey: "V",
    childIds: [],
    deletedAtMs: null,
    lastUpdatedMs: null,
  });
  const edit: Partial<ReportItem> = {
    mine: "mine",
    theirs: "theirs",
    result: "mine",
    undo: { before: note("theirs"), after: note("mine") },
  };

  it("leaves out what was chosen last, in the line and in the comparison", () => {
    const kept = item(1, { ...edit, outcome: "kept-as-copy", settled: "mine" });
    expect(choicesOf(kept)).toEqual(["theirs", "both"]);
    expect(keepActionsOf(kept).map(({ choice }) => choice)).toEqual(["theirs", "both"]);
    expect(choicesOf(item(1, { outcome: "deletion-kept", settled: "restore" }))).toEqual([]);
    // What did not stay on the server can be tried again, although it was chosen before.
    expect(choicesOf(kept, true)).toEqual(["both"]);
    expect(choicesOf({ ...kept, outcome: "put-back" }, true)).toEqual(["mine"]);
  });

  it("puts a person's own words back after an undo, and nothing that was combined with others'", () => {
    expect(choicesOf(item(1, edit))).toEqual(["undo"]);
    expect(choicesOf(item(1, { ...edit, settled: "undo" }))).toEqual(["mine"]);
    expect(choicesOf(item(1, { ...edit, undo: { before: null }, settled: "undo" }))).toEqual(["restore"]);
    expect(choicesOf(item(1, { ...edit, outcome: "merged", settled: "undo" }))).toEqual([]);
    const moved = { before: note("theirs"), after: { ...note("mine"), parentId: id(8) } };
    expect(choicesOf(item(1, { ...edit, undo: moved, settled: "undo" }))).toEqual([]);
  });

  it("offers no undo where the whole recovery was undone", () => {
    expect(choicesOf(item(1, edit), false, true)).toEqual(["mine"]);
    expect(choicesOf(item(1, { ...edit, outcome: "merged" }), false, true)).toEqual([]);
  });
});

describe("finding a note in a report", () => {
  const report = reportOf([
    item(1, { title: "Milk", path: ["Shopping"] }),
    item(2, { title: "Seeds", path: ["Garden"], outcome: "merged" }),
    item(3, { title: "Tools", path: ["Garden"], outcome: "merged", needsHelp: true }),
  ]);
  const found = (sought: string) => itemsFor(report, sought).map(({ title }) => title);

  it("looks at titles and places, every word of them", () => {
    expect(found("  ")).toEqual(["Milk", "Seeds", "Tools"]);
    expect(found("GARDEN")).toEqual(["Seeds", "Tools"]);
    expect(found("garden to")).toEqual(["Tools"]);
    expect(found("garden milk")).toEqual([]);
  });

  it("keeps the groups of what was found only", () => {
    expect(groupsOf(report, itemsFor(report, "seeds")).map(({ key }) => key)).toEqual(["merged"]);
  });

  it("leads from a count to the group that has its notes", () => {
    const groups = groupsOf(report);
    expect(groupOfCount(groups, "merged")).toBe("merged");
    expect(groupOfCount(groups, "left-out")).toBeNull();
    const help = groupsOf(reportOf([item(3, { outcome: "merged", needsHelp: true })]));
    expect(groupOfCount(help, "merged")).toBe("needs-help");
  });
});

describe("countsOf", () => {
  it("always tells the five main counts and the others only where there are any", () => {
    const report = reportOf([item(1, {}), item(2, { outcome: "deletion-kept" })]);
    expect(countsOf(report).map(({ count, text }) => `${count} ${text}`)).toEqual([
      "1 put back",
      "0 merged",
      "0 kept as a copy",
      "0 moved to Recovered notes",
      "1 deleted elsewhere",
      "0 need your help",
    ]);
  });
});

describe("words", () => {
  it("sums up a report in one line", () => {
    expect(summaryLine(reportOf([]))).toBe("9,870 notes from the server · 12 of your changes restored");
    expect(summaryLine(reportOf([], { notesFromServer: 1, changesRestored: 1 }))).toBe(
      "1 note from the server · 1 of your changes restored",
    );
  });

  it("names a place by the titles above it", () => {
    expect([pathWords([]), pathWords(["Garden", "Spring"])]).toEqual(["At the top", "Garden / Spring"]);
  });

  it("keeps the text of a note out of the details that are copied", () => {
    const secret = item(1, { mine: "my diary", theirs: "my diary too", outcome: "left-out" });
    expect(detailsOf(secret, reportOf([secret]))).not.toContain("diary");
  });
});
