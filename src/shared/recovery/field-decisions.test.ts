import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../note";
import { decideText, type NoteCase } from "./field-decisions";

const noteWith = (text: string): Note => ({
  id: "00000000-0000-4000-8000-000000000001" as NoteId,
  text,
  isRoot: false,
  parentId: null,
  orderKey: "V",
  childIds: [],
  deletedAtMs: null,
  lastUpdatedMs: null,
});

/** The server went back in time; here `base` was made into `mine`, which it was not seen to have. */
function afterGoingBack(base: string, mine: string, theirs: string): NoteCase {
  const text = [{ before: base, after: mine, acked: false, atMs: 1 }];
  return {
    local: noteWith(mine),
    remote: noteWith(theirs),
    history: { created: "elsewhere", text, place: [], deletedAtMs: [] },
    isEarlier: false,
    rolledBack: true,
    historyTrusted: true,
  };
}

describe("two versions of a text, both kept because the server went back", () => {
  it("are joined where each says something of its own", () => {
    const decided = decideText(afterGoingBack("old\n", "mine\n", "old\n theirs"));
    expect(decided).toEqual({ kind: "merged", text: "mine\n\n theirs", lost: true });
  });

  it("are not joined anew for the sake of a blank line", () => {
    expect(decideText(afterGoingBack("old\n", "mine\n", "mine\n theirs"))).toEqual({ kind: "theirs" });
    expect(decideText(afterGoingBack("old\n", "mine\n\n", "mine\n theirs"))).toEqual({ kind: "theirs" });
  });
});
