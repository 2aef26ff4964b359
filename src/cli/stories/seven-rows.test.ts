// The seven rows by which Realm's own recovery was measured, played by real devices through every strategy, named on
// the command line. What each comes to is the table of docs/strategies.md.

import { describe, expect, it } from "vitest";
import { changesBetween } from "../../main/notes/note-changes";
import type { Note, NoteId } from "../../shared/note";
import type { StrategyName } from "../../shared/recovery/plan-types";
import { buildTree, type Tree } from "../../shared/tree";
import type { HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced } from "../scenario/waits";
import { acceptRestart, addNote, lastReport, openWorld, rewrite, untilNotes } from "./world";

const rowNames = ["row1", "row2", "row3", "row4", "row5", "row6", "row7"] as const;
type Row = (typeof rowNames)[number];
type Came = Readonly<Record<Row | "Recovered notes", string>>;

const ordered = { row1: "b1 c1 c3 [c2]", row2: "b1 c1 a1 c2 c3", row4: "c3 c2 c1 b1" };
const written = {
  ...ordered,
  row3: "c1+laptop(a1) c2",
  row5: "c2 [c1]",
  row6: "c2 [c1(b1)]",
  row7: "c2 c3(c1)",
  "Recovered notes": "",
};
const byField = { ...written, row3: "c2 [c1+laptop(a1)]", row5: "c2 [c1+phone]" };
const server: Came = {
  row1: "b1 c1 c2 c3",
  row2: "b1 c1 c2 c3",
  row3: "c2 [c1]",
  row4: "c1 b1 c2 c3",
  row5: "c1+phone c2",
  row6: "c1(b1) c2",
  row7: "c2(c1) c3",
  "Recovered notes": "",
};
const expected: Readonly<Record<StrategyName, Came>> = {
  merge: { ...server, ...ordered, row3: "c2 [c1+laptop]", "Recovered notes": "a1" },
  "track-objects": written,
  "track-fields": byField,
  "track-updates": byField,
  "overwrite-backend": written,
  discard: server,
};

/** The rows as in the table: the children of each in order, what is under them in (), what is in the trash in []. */
async function rowsOf(client: HeadlessClient): Promise<Came> {
  const notes = await client.notes();
  const tree = buildTree(notes.values());
  const words = (id: NoteId) => (notes.get(id)?.text ?? "").trim().split("\n");
  const tops = tree.children.get(tree.rootId as NoteId) ?? [];
  const under = (title: string) => {
    const top = tops.find((id) => words(id)[0] === `# ${title}` || words(id)[0] === title);
    return top === undefined || tree.trashed.has(top) ? "" : childrenIn(tree, top, words);
  };
  return Object.fromEntries([...rowNames, "Recovered notes"].map((title) => [title, under(title)])) as Record<
    keyof Came,
    string
  >;
}

function childrenIn(tree: Tree, id: NoteId, words: (id: NoteId) => string[]): string {
  const children = tree.children.get(id) ?? [];
  const shown = (each: NoteId) => {
    const below = childrenIn(tree, each, words);
    return `${words(each).join("+").replace("# ", "")}${below === "" ? "" : `(${below})`}`;
  };
  const isInTrash = (each: NoteId) => tree.rows.get(each)?.deletedAtMs !== null;
  const live = children.filter((each) => !isInTrash(each)).map(shown);
  const trashed = children.filter(isInTrash).map(shown);
  return [...live, ...(trashed.length > 0 ? [`[${trashed.join(" ")}]`] : [])].join(" ");
}

/** The ids of all that differs, but for the note that others are put under; sorted. */
function changedIn(after: ReadonlyMap<string, Note>, before: ReadonlyMap<string, Note>): NoteId[] {
  const isOther = (note: Note) => {
    const was = before.get(note.id);
    return was === undefined || changesBetween(was, note).length > 0;
  };
  const differing = [...after.values()].filter((note) => note.text !== "Recovered notes" && isOther(note));
  return differing.map(({ id }) => id).sort();
}

/** Seven notes with children c1, c2, …; answers how to find one of them. */
async function plantRows(client: HeadlessClient) {
  const ids = new Map<string, NoteId>();
  const sizes = { row1: 3, row2: 3, row3: 2, row4: 3, row5: 2, row6: 2, row7: 3 };
  for (const row of rowNames) {
    const top = await addNote(client, `# ${row}\n`);
    ids.set(row, top);
    for (let child = sizes[row]; child >= 1; child -= 1) {
      ids.set(`${row} c${child}`, await addNote(client, `# c${child}\n`, top));
    }
  }
  return (name: string) => ids.get(name) as NoteId;
}

async function playLaptop(laptop: HeadlessClient, id: (name: string) => NoteId): Promise<void> {
  await laptop.ask("notes:trash", { id: id("row1 c2") });
  const right = { parentId: id("row2"), afterId: id("row2 c1") };
  await laptop.ask("notes:create", { target: right, text: "# a1\n" });
  await rewrite(laptop, id("row3 c1"), "# c1\nlaptop\n");
  await addNote(laptop, "# a1\n", id("row3 c1"));
  // Now c3 c2 c1.
  await laptop.ask("notes:move", { id: id("row4 c3"), target: { parentId: id("row4"), afterId: null } });
  const next = { parentId: id("row4"), afterId: id("row4 c3") };
  await laptop.ask("notes:move", { id: id("row4 c2"), target: next });
  await laptop.ask("notes:trash", { id: id("row5 c1") });
  await laptop.ask("notes:trash", { id: id("row6 c1") });
  await laptop.ask("notes:move", { id: id("row7 c1"), target: { parentId: id("row7 c3"), afterId: null } });
}

async function playPhone(phone: HeadlessClient, id: (name: string) => NoteId): Promise<void> {
  await addNote(phone, "# b1\n", id("row1"));
  await addNote(phone, "# b1\n", id("row2"));
  await phone.ask("notes:trash", { id: id("row3 c1") });
  const right = { parentId: id("row4"), afterId: id("row4 c1") };
  await phone.ask("notes:create", { target: right, text: "# b1\n" });
  await rewrite(phone, id("row5 c1"), "# c1\nphone\n");
  await addNote(phone, "# b1\n", id("row6 c1"));
  await phone.ask("notes:move", { id: id("row7 c1"), target: { parentId: id("row7 c2"), afterId: null } });
}

describe("the seven rows", () => {
  it.each(Object.entries(expected) as [StrategyName, Came][])(
    "come to what the table says of '%s', on every device, and back to the server's when it is undone",
    async (recoveryStrategy, came) => {
      const world = await openWorld();
      const laptop = await world.openClient("laptop", "gardener", { recoveryStrategy });
      const id = await plantRows(laptop);
      await untilSynced(laptop);
      const phone = await world.openClient("phone");
      await untilNotes(phone, "the rows", (notes) => notes.some((note) => note.id === id("row7 c1")));
      await laptop.ask("sync:work-offline", { offline: true });
      await playLaptop(laptop, id);
      await playPhone(phone, id);
      await untilSynced(phone);
      expect(await rowsOf(phone)).toEqual(server);
      const before = await phone.notes();
      await phone.close();
      await world.terminateAndEnable();
      await laptop.ask("sync:work-offline", { offline: false });
      await acceptRestart(laptop);
      await untilRecovered(laptop);
      await untilSynced(laptop);
      expect(await rowsOf(laptop)).toEqual(came);
      expect(await rowsOf(await world.openClient("fresh"))).toEqual(came);
      const { resetId, strategy, failed, items } = await lastReport(laptop);
      expect({ strategy, failed }).toEqual({ strategy: recoveryStrategy, failed: [] });
      const told = items.filter(({ undo }) => undo !== null).map(({ noteId }) => noteId);
      const after = await laptop.notes();
      expect(told.sort()).toEqual(changedIn(after, before));
      // Of all others not even the time of the last write is another; in lists of children the told ones come and go.
      for (const [id, note] of before) {
        if (!told.includes(id as NoteId))
          expect({ ...after.get(id), childIds: [] }).toEqual({ ...note, childIds: [] });
      }

      expect((await laptop.ask("reports:undo-all", { resetId })).left).toEqual([]);
      await untilSynced(laptop);
      // What the laptop had made is in the trash then.
      const inTrash = Object.entries(await rowsOf(laptop)).map(([row, words]) => [
        row,
        words
          .replace(/ ?\[a1\]$/, "")
          .replace("c1(a1)", "c1")
          .replace("[c1([a1])]", "[c1]"),
      ]);
      expect(Object.fromEntries(inTrash)).toEqual(server);
    },
  );
});
