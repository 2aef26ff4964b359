import { expect, it } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import type { NoteChange } from "../../shared/note-change";
import type { StoredJournal } from "../notes/journal";
import { createEntryEncoder, decodeJournal, encodeLine } from "../notes/journal-codec";
import { plainSealing } from "../sealed-file";
import { lastKnownOf } from "./last-known";

const id = "00000000-0000-4000-8000-000000000001" as NoteId;
const root = "00000000-0000-4000-8000-00000000000f" as NoteId;
const other = "00000000-0000-4000-8000-00000000000e" as NoteId;

/** As the store writes it and the session reads it again. */
function journalOf(
  changes: readonly NoteChange[],
  standing: Pick<Note, "parentId" | "orderKey">,
): StoredJournal {
  const header = { version: 1, userId: "u", generation: "g", ordinal: 1, createdAtMs: 0 } as const;
  const encode = createEntryEncoder();
  const lines = changes.map((change, index) =>
    encode({ seq: index + 1, atMs: index, revision: `g/${index + 1}`, change }, () => ({
      ...standing,
      deletedAtMs: null,
    })),
  );
  const decoded = decodeJournal(Buffer.from(encodeLine(header) + lines.join("")), plainSealing);
  return { header, entries: decoded.entries, trusted: true, decoded };
}

/** The revision that is the latest by what was seen, where the note has this place as well. */
function latestAt(parentId: NoteId, revision: string) {
  return {
    age: (note: Note, of: string) => (note.parentId === parentId && of === revision ? 0 : null),
  };
}

it("knows where a note stands that was moved before its text was changed, without any copy", () => {
  const journal = journalOf(
    [
      {
        kind: "place",
        id,
        before: { parentId: root, orderKey: "V" },
        after: { parentId: other, orderKey: "W" },
      },
      { kind: "text", id, before: "# Title\n", after: "# Title\nwords\n" },
    ],
    { parentId: other, orderKey: "W" },
  );
  const { known } = lastKnownOf(new Set([id]), [journal], [], latestAt(other, "g/2"));
  expect(known(id)).toMatchObject({
    isLatest: true,
    revision: "g/2",
    note: { text: "# Title\nwords\n", parentId: other, orderKey: "W", deletedAtMs: null },
  });
});

it("knows a note as trashed that was moved, changed and then put into the trash", () => {
  const journal = journalOf(
    [
      { kind: "text", id, before: "# Title\n", after: "# Title\nwords\n" },
      { kind: "deleted", id, before: null, after: 7 },
    ],
    { parentId: other, orderKey: "W" },
  );
  const { known } = lastKnownOf(new Set([id]), [journal], [], latestAt(other, "g/2"));
  expect(known(id)?.note).toMatchObject({ text: "# Title\nwords\n", parentId: other, deletedAtMs: 7 });
});
