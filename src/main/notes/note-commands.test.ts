import { expect, it } from "vitest";
import type { NoteRow } from "../../shared/ipc-contract";
import { isTombstone, type Note, type NoteId } from "../../shared/note";
import { createCopiedNotes } from "./copied-notes";
import { createNoteCommands } from "./note-commands";

const noteId = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}` as NoteId;

it("empties the trash of a chain of 20,000 notes without going up the chain for each of them", async () => {
  const length = 20_000;
  const life = { childIds: [], deletedAtMs: null, lastUpdatedMs: null };
  const chain = Array.from({ length }, (_, link): Note => {
    const place = { parentId: link === 0 ? null : noteId(link - 1), orderKey: link === 0 ? "" : "V" };
    return { id: noteId(link), text: `link ${link}`, isRoot: link === 0, ...place, ...life };
  });
  const store = createCopiedNotes(new Map(chain.map((note) => [note.id, note])), {
    rootId: noteId(0),
    keep: () => undefined,
    onCommit: () => undefined,
  });
  const commands = createNoteCommands(store, () => 5);
  expect(commands.trash(noteId(1)).kind).toBe("ok");

  let asked = 0;
  const rows = store.rows() as Map<NoteId, NoteRow>;
  const { get } = Map.prototype;
  rows.get = (id) => {
    asked += 1;
    return get.call(rows, id) as NoteRow | undefined;
  };
  expect(await commands.emptyTrash()).toEqual({ kind: "ok", value: length - 1 });
  expect(asked).toBeLessThan(50 * length);
  expect([...store.all().values()].filter((note) => !isTombstone(note)).map(({ id }) => id)).toEqual([
    noteId(0),
  ]);
});
