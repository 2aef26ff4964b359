import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import { clampSidebarWidth, readKept, useView, writeKept } from "./view-store";

const id = "00000000-0000-4000-8000-000000000001" as NoteId;

describe("what a window keeps", () => {
  it("is read back as it was written", () => {
    const kept = {
      ...readKept(null),
      openId: id,
      focusId: "recovered" as const,
      expanded: new Set<string>([id, "recovered"]),
      carets: new Map([[id, { start: 3, end: 5, top: 120 }]]),
      treeTop: 900,
      sidebarWidth: 320,
      sidebarShown: false,
      theme: "dark" as const,
      lastRecovery: "r1",
      lastIn: "editor" as const,
    };
    expect(readKept(writeKept(kept))).toEqual(kept);
  });

  it.each([
    ["nothing", null],
    ["a damaged text", "{"],
    ["a list", "[]"],
    [
      "another shape",
      '{"expanded":7,"carets":[7],"openId":"x","theme":"pink","sidebarWidth":"wide","lastIn":9}',
    ],
  ])("starts anew from %s", (_, stored) => {
    expect(readKept(stored)).toEqual(readKept(null));
  });

  it("keeps the sidebar between its limits", () => {
    expect([clampSidebarWidth(10), clampSidebarWidth(300.4), clampSidebarWidth(9_000)]).toEqual([
      200, 300, 520,
    ]);
  });

  it("starts with no dialog open", () => {
    expect(useView.getState().overlay).toBeNull();
  });
});
