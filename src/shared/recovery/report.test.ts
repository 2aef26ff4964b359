import { describe, expect, it } from "vitest";
import { type Outcome, outcomes, type RecoveryReport, type ReportItem, resetCauses } from "./plan-types";
import {
  causeText,
  countNeedsHelp,
  countOutcomes,
  groupItems,
  otherFailed,
  renderReportMarkdown,
} from "./report";
import { noteIdOf } from "./testing/world";

function item(number: number, outcome: Outcome, more: Partial<ReportItem> = {}): ReportItem {
  return {
    noteId: noteIdOf(number),
    outcome,
    title: `Note ${number}`,
    path: ["Garden"],
    sentence: `What happened to ${number}.`,
    needsHelp: false,
    copyId: null,
    base: null,
    mine: "same",
    theirs: "same",
    result: "same",
    undo: null,
    ...more,
  };
}

function report(more: Partial<RecoveryReport> = {}): RecoveryReport {
  return {
    version: 1,
    resetId: "reset-1",
    cause: "restored",
    strategy: "merge",
    startedAtMs: Date.UTC(2026, 10, 21, 10, 42),
    finishedAtMs: Date.UTC(2026, 10, 21, 10, 44),
    rolledBack: false,
    backupName: "copy-1",
    notesFromServer: 9_870,
    changesRestored: 2,
    items: [],
    failed: [],
    confirmed: false,
    ...more,
  };
}

describe("a recovery report", () => {
  it("counts every outcome, those that did not occur too", () => {
    const counts = countOutcomes([item(1, "merged"), item(2, "merged"), item(3, "put-back")]);
    expect(counts).toMatchObject({ merged: 2, "put-back": 1, "left-out": 0 });
    expect(Object.keys(counts).sort()).toEqual([...outcomes].sort());
  });

  it("tells what the server did not keep with its note, a copy with the note it was made of, and others apart", () => {
    const items = [item(1, "kept-as-copy", { copyId: noteIdOf(9) }), item(2, "put-back"), item(3, "merged")];
    const told = report({ items, failed: [noteIdOf(9), noteIdOf(2), noteIdOf(7)] });
    expect(groupItems(told)[0]).toMatchObject({ kind: "failed", items: items.slice(0, 2) });
    expect(countNeedsHelp(told)).toBe(2);
    expect(otherFailed(told)).toEqual([noteIdOf(7)]);
    expect(renderReportMarkdown(told)).toContain(`did not keep\n\n- ${noteIdOf(7)}\n`);
  });

  it("groups each item once: what failed or needs help first, what simply worked last", () => {
    const items = [
      ...outcomes.map((outcome, index) => item(index + 1, outcome)),
      item(50, "put-back", { needsHelp: true }),
      item(51, "merged"),
      item(52, "merged"),
    ];
    const groups = groupItems({ items, failed: [noteIdOf(51)] });
    expect(groups.map(({ kind }) => kind)).toEqual([
      "failed",
      "needs-help",
      "written-over",
      "kept-as-copy",
      "left-out",
      "deletion-kept",
      "deletion-not-repeated",
      "moved-to-recovered",
      "place-not-kept",
      "merged",
      "missing-on-server",
      "deletion-repeated",
      "put-back",
    ]);
    expect(groups.flatMap((group) => group.items)).toHaveLength(items.length);
    expect(groups.find(({ kind }) => kind === "merged")?.items).toHaveLength(2);
  });

  it("says every cause in a sentence of its own, without the engine's words", () => {
    const sentences = resetCauses.map(causeText);
    expect(new Set(sentences).size).toBe(resetCauses.length);
    for (const sentence of sentences) {
      expect(sentence).toMatch(/^[A-Z].*\.$/);
      expect(sentence).not.toMatch(/client reset|realm|session/i);
    }
  });

  it("is one line long where there was nothing to do", () => {
    const text = renderReportMarkdown(report());
    expect(text).toContain("Nothing had to be changed");
    expect(text).not.toContain("##");
  });

  it("tells when, why, how much and where the safety copy is", () => {
    const text = renderReportMarkdown(report({ rolledBack: true }));
    for (const part of [
      "2026-11-21 10:44 UTC",
      "restored from an older state",
      "9870",
      "copy-1",
      "reset-1",
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain("had gone back to an older state");
  });

  it("gives each note its place and sentence, and both versions where they differ", () => {
    const text = renderReportMarkdown(
      report({
        items: [
          item(1, "put-back", { title: "Plain", path: [] }),
          item(2, "merged", { mine: "my words", theirs: "their words", result: "all words" }),
          item(3, "kept-as-copy", { mine: "```js\nmine\n```", theirs: "theirs", result: "theirs" }),
          item(4, "missing-on-server", { mine: "put back", theirs: null, result: "put back" }),
        ],
      }),
    );
    expect(text).toContain("### Plain\n\nIn Notes\n");
    expect(text).toContain("In Notes › Garden");
    expect(text).toContain("What happened to 2.");
    expect(text).toContain("Yours:\n\n```\nmy words\n```");
    expect(text).toContain("Now:\n\n```\nall words\n```");
    expect(text).toContain("````\n```js\nmine\n```\n````");
    expect(text.match(/Now:/g)).toHaveLength(1);
    expect(text).not.toContain("put back\n```");
  });

  it("keeps a title from becoming markup", () => {
    expect(
      renderReportMarkdown(report({ items: [item(1, "put-back", { title: "*a*\n# b [c](d)" })] })),
    ).toContain("### \\*a\\* \\# b \\[c\\](d)");
  });

  it("names what the server did not keep, with a line in the report or without", () => {
    const text = renderReportMarkdown(
      report({
        items: [item(1, "put-back", { mine: "kept here", theirs: null })],
        failed: [noteIdOf(1), noteIdOf(2)],
      }),
    );
    expect(text).toContain("## Not kept by the server (1)");
    expect(text).toContain("Your version is in the safety copy.");
    expect(text).toContain("kept here");
    expect(text).toContain(`- ${noteIdOf(2)}`);
  });

  it("lists every value that has no place any more, with its note and field", () => {
    const leftovers = {
      file: "reset-1.leftovers.jsonl",
      notes: 1,
      fields: ["mood"],
      classes: ["Tag"],
      values: [{ noteId: noteIdOf(1), title: "Milk | two", field: "mood", value: ["calm", 7] }],
      objects: [{ className: "Tag", object: { _id: "urgent" } }],
    };
    const lines = renderReportMarkdown(report({ leftovers })).split("\n");
    expect(lines).toContain("## What has no place any more");
    expect(lines).toContain(String.raw`| Milk \| two | mood | \["calm",7\] |`);
    expect(lines).toContain(String.raw`|  | Tag | {"\_id":"urgent"} |`);
  });
});
