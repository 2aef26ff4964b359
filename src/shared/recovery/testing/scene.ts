// Two devices with the same notes and what a person does on them, told by the names of the notes: how a story of a
// reset is written down by hand. Test code.

import type { NoteId } from "../../note";
import { flattenTree, recoveredPlace } from "../../tree-lines";
import { createNote, editText, moveNote, restoreNote, trashNote } from "../../tree-operations";
import {
  act,
  createDevice,
  createWorld,
  type Device,
  download,
  type Realm,
  sync,
  treeOf,
  type World,
} from "./world";

export type Scene = ReturnType<typeof twoDevices>;

/** Two devices with the same notes; names stand for notes, and are their first text. */
export function twoDevices(outline: Record<string, string>) {
  const world = createWorld();
  const ids = new Map<string, NoteId>([
    ["root", world.rootId],
    ["Recovered notes", world.recoveredId],
  ]);
  const laptop = createDevice(world, "laptop");
  const phone = createDevice(world, "phone");
  const id = (name: string): NoteId => {
    const found = ids.get(name);
    if (found === undefined) throw new Error(`no note ${name}`);
    return found;
  };
  const on = (device: Device) => ({
    add(name: string, parent: string, after: string | null = null) {
      const noteId = world.nextId();
      ids.set(name, noteId);
      const target = { parentId: id(parent), afterId: after === null ? null : id(after) };
      const done = act(
        world,
        device,
        createNote(treeOf(world, device.realm), { id: noteId, text: name, target, atMs: 1 }),
      );
      mustBeDone(done);
    },
    append: (name: string, line: string) => {
      const { note } = device.realm.get(id(name))!;
      mustBeDone(act(world, device, editText(note, `${note.text}\n${line}`)));
    },
    write: (name: string, text: string) =>
      mustBeDone(act(world, device, editText(device.realm.get(id(name))!.note, text))),
    move: (name: string, parent: string, after: string | null = null) => {
      const target = { parentId: id(parent), afterId: after === null ? null : id(after) };
      mustBeDone(act(world, device, moveNote(treeOf(world, device.realm), id(name), target)));
    },
    trash: (name: string, atMs = 5) =>
      mustBeDone(act(world, device, trashNote(treeOf(world, device.realm), id(name), atMs))),
    restore: (name: string) =>
      mustBeDone(act(world, device, restoreNote(treeOf(world, device.realm), id(name)))),
  });
  for (const [parent, children] of Object.entries(outline)) {
    let last: string | null = null;
    for (const name of children.split(" ")) {
      on(laptop).add(name, parent, last);
      last = name;
    }
  }
  sync(world, laptop);
  download(world, phone);
  return { world, laptop, phone, id, on };
}

export function outlineOf(world: World, realm: Realm, section: "notes" | "trash" = "notes"): string {
  const tree = treeOf(world, realm);
  const lines = flattenTree(tree, new Set([...tree.rows.keys(), recoveredPlace]), section);
  return lines
    .map((line) => {
      if (line.kind === "recovered") return "(unreached)";
      return `${"-".repeat(line.level - 1)}${tree.rows.get(line.id)?.text.replaceAll("\n", "+")}`;
    })
    .join(" ");
}

function mustBeDone(done: boolean): void {
  if (!done) throw new Error("the tree does not allow this step of the story");
}
