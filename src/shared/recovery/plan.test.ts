import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../note";
import { createNote, editText, flattenTree, moveNote, restoreNote, type Tree, trashNote } from "../tree";
import { checkTree } from "../tree-check";
import { planRecovery } from "./plan";
import type { RecoveryInput, RecoveryPlan, ReportItem } from "./plan-types";
import {
  act,
  createDevice,
  createWorld,
  type Device,
  download,
  loseNotes,
  notesOf,
  type Realm,
  recover,
  recoveryInput,
  rollBack,
  seenBy,
  sync,
  treeOf,
  type World,
} from "./testing/world";

/** Two devices with the same notes; names stand for notes, and are their first text. */
function twoDevices(outline: Record<string, string>) {
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
      expect(done).toBe(true);
    },
    append: (name: string, line: string) => {
      const { note } = device.realm.get(id(name))!;
      expect(act(world, device, editText(note, `${note.text}\n${line}`))).toBe(true);
    },
    write: (name: string, text: string) =>
      expect(act(world, device, editText(device.realm.get(id(name))!.note, text))).toBe(true),
    move: (name: string, parent: string, after: string | null = null) => {
      const target = { parentId: id(parent), afterId: after === null ? null : id(after) };
      expect(act(world, device, moveNote(treeOf(world, device.realm), id(name), target))).toBe(true);
    },
    trash: (name: string, atMs = 5) =>
      expect(act(world, device, trashNote(treeOf(world, device.realm), id(name), atMs))).toBe(true),
    restore: (name: string) =>
      expect(act(world, device, restoreNote(treeOf(world, device.realm), id(name)))).toBe(true),
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

function outlineOf(world: World, realm: Realm, section: "notes" | "trash" = "notes"): string {
  const tree = treeOf(world, realm);
  const lines = flattenTree(tree, new Set(tree.rows.keys()), section);
  return lines
    .map((line) => {
      if (line.kind === "recovered") return "(unreached)";
      return `${"-".repeat(line.level - 1)}${tree.rows.get(line.id)?.text.replaceAll("\n", "+")}`;
    })
    .join(" ");
}

type Scene = ReturnType<typeof twoDevices>;

/** The laptop recovers; planning again finds nothing to do; the tree is whole and the lists agree with it. */
function recoverLaptop({ world, laptop }: Scene, more: Partial<RecoveryInput> = {}): RecoveryPlan {
  const input = recoveryInput(world, laptop, "reset 1", more);
  const seenIn = seenBy(laptop);
  const plan = recover(world, laptop, input);
  const seen = more.seen ?? seenIn(world.server);
  const again = planRecovery({ ...input, remote: notesOf(world.server), seen });
  expect(again.steps).toEqual([]);
  expect(checkTree(treeOf(world, world.server))).toEqual([]);
  return plan;
}

function itemOf(plan: RecoveryPlan, noteId: NoteId): ReportItem {
  const items = plan.items.filter((item) => item.noteId === noteId);
  expect(items).toHaveLength(1);
  return items[0]!;
}

describe("the seven rows that automatic recovery loses", () => {
  it("1: a removal here and an insert there leave both as they were meant", () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).trash("c2");
    on(phone).add("b1", "root");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("b1 c1 c3");
    expect(outlineOf(world, world.server, "trash")).toBe("c2");
    expect(itemOf(plan, id("c2")).outcome).toBe("deletion-repeated");
    expect(plan.items).toHaveLength(1);
  });

  it("2: an insert stays right of its left neighbour, whatever was inserted elsewhere", () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).add("a1", "root", "c1");
    on(phone).add("b1", "root");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("b1 c1 a1 c2 c3");
    expect(itemOf(plan, id("a1"))).toMatchObject({
      outcome: "put-back",
      sentence: "Your new note was put back.",
      undo: { before: null },
    });
  });

  it("2b: also where both inserted after the same note and chose the same key", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, phone, on } = scene;
    on(laptop).add("a1", "root", "c1");
    on(laptop).add("a2", "root", "a1");
    on(phone).add("b1", "root", "c1");
    sync(world, phone);
    recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c1 a1 a2 b1 c2");
  });

  it("2c: also where the left neighbour was moved", () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    const { world, laptop, phone, on } = scene;
    on(laptop).add("a1", "root", "c1");
    on(phone).move("c1", "root", "c3");
    sync(world, phone);
    recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c2 c3 c1 a1");
  });

  it("3: an edit of a note deleted elsewhere is in the trash with it, a new note under it is not", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).append("c1", "mine");
    on(laptop).add("a1", "c1");
    on(phone).trash("c1");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c2 Recovered notes -a1");
    expect(outlineOf(world, world.server, "trash")).toBe("c1+mine");
    expect(itemOf(plan, id("c1"))).toMatchObject({
      outcome: "deletion-kept",
      sentence: "Deleted on another device. Your edited version is in Trash.",
      needsHelp: true,
    });
    expect(itemOf(plan, id("a1"))).toMatchObject({
      outcome: "moved-to-recovered",
      path: ["c1"],
    });
  });

  it("4: reordering everything here and inserting there keeps all", () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    const { world, laptop, phone, on } = scene;
    on(laptop).move("c3", "root");
    on(laptop).move("c2", "root", "c3");
    on(phone).add("b1", "root", "c1");
    sync(world, phone);
    recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c3 c2 c1 b1");
  });

  it("5: a note edited elsewhere is not deleted", () => {
    const scene = twoDevices({ root: "c1 c2" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).trash("c1");
    on(phone).append("c1", "theirs");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c1+theirs c2");
    expect(plan.steps).toEqual([]);
    expect(itemOf(plan, id("c1"))).toMatchObject({
      outcome: "deletion-not-repeated",
      sentence: "You deleted this, but it was edited elsewhere, so it was kept.",
      needsHelp: true,
      undo: null,
    });
  });

  it("6: a note to which others added something is not deleted", () => {
    const scene = twoDevices({ root: "c1 c2", c1: "d" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).trash("c1");
    on(phone).add("b1", "d");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c1 -d --b1 c2");
    expect(itemOf(plan, id("c1"))).toMatchObject({ outcome: "deletion-not-repeated", needsHelp: true });
  });

  it("7: a note moved on both devices has one parent, the server's, and the wish is reported", () => {
    const scene = twoDevices({ root: "c1 c2 c3" });
    const { world, laptop, phone, on, id } = scene;
    on(laptop).move("c1", "c3");
    on(phone).move("c1", "c2");
    sync(world, phone);
    const plan = recoverLaptop(scene);
    expect(outlineOf(world, world.server)).toBe("c2 -c1 c3");
    expect(plan.steps).toEqual([]);
    expect(itemOf(plan, id("c1"))).toMatchObject({
      outcome: "place-not-kept",
      sentence:
        "You and another device both moved this. It is where the other device put it; you had put it under 'c3'.",
    });
  });
});
