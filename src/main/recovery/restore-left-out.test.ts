import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import { applyChange } from "../../shared/note-change";
import { planWith } from "../../shared/recovery/strategies/strategy";
import { serverEvents, tellStory } from "../../shared/recovery/testing/random-world";
import { noteIdOf, notesOf } from "../../shared/recovery/testing/world";
import { buildTree } from "../../shared/tree";
import { resolveItem } from "./resolve-item";

const root = noteIdOf(1);
const one = noteIdOf(0x200);
const two = noteIdOf(0x201);

function note(id: NoteId, change: Partial<Note> = {}): Note {
  const place = { parentId: id === root ? null : root, orderKey: id === root ? "" : "V" };
  return {
    id,
    text: "text",
    isRoot: id === root,
    ...place,
    childIds: [],
    deletedAtMs: null,
    lastUpdatedMs: 1,
    ...change,
  };
}

function mapOf(...notes: Note[]): Map<NoteId, Note> {
  return new Map(notes.map((each) => [each.id, each]));
}

/** What 'Put back' leaves, for a note that was left out. */
function putBack(leftOut: Note, notes: Map<NoteId, Note>): Note | undefined {
  const item = {
    noteId: leftOut.id,
    outcome: "left-out",
    title: "",
    path: [],
    sentence: "",
    needsHelp: false,
    copyId: null,
    base: null,
    mine: leftOut.text,
    theirs: notes.get(leftOut.id)?.text ?? null,
    result: null,
    undo: null,
    leftOut,
  } as const;
  const resolution = resolveItem(item, "restore", { resetId: "r", notes, atMs: 9 });
  if (resolution.kind === "refused") throw new Error(resolution.message);
  let result = notes.get(leftOut.id);
  for (const change of resolution.changes) result = applyChange(result, change);
  return result;
}

describe("putting back what was left out", () => {
  it("creates a note that the server never had, where it was", () => {
    const made = putBack(note(one, { text: "mine", orderKey: "Z" }), mapOf(note(root)));
    expect(made).toMatchObject({ text: "mine", parentId: root, orderKey: "Z", deletedAtMs: null });
  });

  it("gives text, place and trash back to a note that is there", () => {
    const notes = mapOf(note(root), note(one, { text: "theirs" }), note(two));
    const made = putBack(note(one, { text: "mine", parentId: two, orderKey: "k", deletedAtMs: 7 }), notes);
    expect(made).toMatchObject({ text: "mine", parentId: two, orderKey: "k", deletedAtMs: 7 });
  });

  it("goes to the end of the notes where its parent is gone or in the trash", () => {
    const gone = putBack(note(one, { parentId: two }), mapOf(note(root)));
    expect(gone?.parentId).toBe(root);
    const notes = mapOf(note(root), note(two, { deletedAtMs: 3, orderKey: "X" }));
    const made = putBack(note(one, { parentId: two }), notes);
    expect(made?.parentId).toBe(root);
    expect(made!.orderKey > "X").toBe(true);
  });

  it("never hangs a note under itself", () => {
    const notes = mapOf(note(root), note(one), note(two, { parentId: one }));
    expect(putBack(note(one, { parentId: two }), notes)).toMatchObject({ parentId: root, orderKey: "V" });
  });

  it("brings every word of a discarded recovery back, whatever had happened", () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const event = serverEvents[seed % serverEvents.length]!;
      const story = tellStory(seed, { event, planner: (input) => planWith("discard", input) });
      for (const run of story.runs.slice(0, 1)) {
        const notes = notesOf(run.serverAfter);
        for (const item of run.plan.items) {
          expect(item.leftOut, `seed ${seed}: ${item.sentence}`).toBeDefined();
          const resolution = resolveItem(item, "restore", { resetId: "r", notes, atMs: 9 });
          expect(resolution.kind).toBe("ok");
          if (resolution.kind !== "ok") continue;
          for (const change of resolution.changes) {
            const id = change.kind === "create" ? change.note.id : change.id;
            notes.set(id, applyChange(notes.get(id), change)!);
          }
          expect(notes.get(item.noteId)).toMatchObject({
            text: item.leftOut!.text,
            deletedAtMs: item.leftOut!.deletedAtMs,
          });
        }
        expect(buildTree(notes.values(), run.input.rootId).cycles).toEqual([]);
        for (const [id, { text }] of run.input.local) {
          const isPending = run.input.history.get(id)?.text.some(({ acked }) => !acked) ?? false;
          if (isPending && !run.plan.items.some(({ noteId }) => noteId === id)) {
            // Not in the report: then the server has it.
            for (const token of text.match(/#[a-z]+\.\d+/g) ?? []) {
              const isRemoved = story.removed.has(token);
              expect(isRemoved || notes.get(id)?.text.includes(token), `seed ${seed}: ${token}`).toBe(true);
            }
          }
        }
      }
    }
  });
});
