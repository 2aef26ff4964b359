// A person at a client: makes seeded edits through the IPC channels and writes down, outside the app, every word
// that was typed, into which note, and every note that was put into the trash. The verdict is made from that.

import type { Note, NoteId } from "../../shared/note";
import { buildTree } from "../../shared/tree";
import type { HeadlessClient } from "./headless-client";
import type { Chance } from "./random";

export type TypedWord = {
  readonly word: string;
  readonly by: string;
  readonly noteId: string;
  readonly stage: number;
};
export type TrashedNote = { readonly noteId: string; readonly by: string; readonly stage: number };
export type Moved = { readonly noteId: string; readonly by: string; readonly stage: number };

export type Protocol = {
  readonly words: TypedWord[];
  readonly trashed: TrashedNote[];
  readonly moved: Moved[];
};

export type Typist = {
  /** Makes so many edits in a stage of the story; among `sharedIds` first, where edits of both hands shall meet. */
  readonly work: (stage: number, edits: number, sharedIds: readonly string[]) => Promise<void>;
};

export function createTypist(client: HeadlessClient, chance: Chance, protocol: Protocol): Typist {
  let count = 0;

  function newWord(noteId: string, stage: number): string {
    count += 1;
    const word = `${client.name}${stage}x${count}`;
    protocol.words.push({ word, by: client.name, noteId, stage });
    return word;
  }

  async function changeText(note: Note, stage: number): Promise<void> {
    const lines = note.text.split("\n");
    const word = newWord(note.id, stage);
    const at = chance.below(lines.length + 1);
    if (chance.next() < 0.7 || lines[at] === undefined) lines.splice(at, 0, word);
    else lines[at] = `${lines[at]} ${word}`;
    await client.ask("notes:edit", { id: note.id, text: lines.join("\n"), base: note.text });
  }

  return {
    async work(stage, edits, sharedIds) {
      const notes = await client.notes();
      const rootId = [...notes.values()].find((note) => note.isRoot)?.id;
      if (rootId === undefined) throw new Error(`${client.name} has no root`);
      for (let edit = 0; edit < edits; edit += 1) {
        const tree = buildTree(notes.values(), rootId);
        // Ids are new in every run; the order of the texts is not, and the same seed shall make the same edits.
        const live = [...notes.values()]
          .filter(({ id }) => id !== rootId && !tree.trashed.has(id))
          .sort((a, b) => (a.text < b.text ? -1 : 1));
        const shared = live.filter(({ id }) => sharedIds.includes(id));
        const note = edit < sharedIds.length && shared.length > 0 ? chance.pick(shared) : chance.pick(live);
        const kind = chance.next();
        if (kind < 0.6 || edit < sharedIds.length) {
          await changeText(note, stage);
        } else if (kind < 0.8) {
          const siblings = (tree.children.get(note.id) ?? []).filter((id) => !tree.trashed.has(id));
          const afterId = siblings.length > 0 && chance.next() < 0.7 ? chance.pick(siblings) : null;
          count += 1;
          const word = `${client.name}${stage}x${count}`;
          const id = await client.ask("notes:create", {
            target: { parentId: note.id, afterId },
            text: `# ${word}\n`,
          });
          protocol.words.push({ word, by: client.name, noteId: id, stage });
        } else if (kind < 0.95) {
          const parent = chance.pick(live);
          // A move into itself is refused by the app, as it should be; then nothing happened.
          const moved = await client
            .ask("notes:move", { id: note.id, target: { parentId: parent.id, afterId: null } })
            .then(() => true)
            .catch(() => false);
          if (moved) protocol.moved.push({ noteId: note.id, by: client.name, stage });
        } else {
          const below = descendants(tree.children, note.id);
          // Whole branches in the trash would leave nothing to work with.
          if (below.length > 3) continue;
          await client.ask("notes:trash", { id: note.id });
          for (const id of [note.id, ...below]) protocol.trashed.push({ noteId: id, by: client.name, stage });
        }
        const { rows } = await client.ask("notes:all", undefined);
        const row = rows.find(({ id }) => id === note.id);
        for (const { id } of row === undefined
          ? []
          : rows.filter(({ id }) => !notes.has(id) || id === note.id)) {
          notes.set(id, await client.ask("notes:read", { id }));
        }
      }
    },
  };
}

function descendants(children: ReadonlyMap<NoteId, readonly NoteId[]>, id: NoteId): NoteId[] {
  const found: NoteId[] = [];
  const waiting = [...(children.get(id) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    found.push(next);
    waiting.push(...(children.get(next) ?? []));
  }
  return found;
}
