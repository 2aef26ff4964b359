import { describe, expect, it } from "vitest";
import type { AppState, NoteRow } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import { buildTree } from "../../shared/tree";
import { useView } from "../stores/view-store";
import { commandStateOf } from "./command";
import { describeMenus, everyMenu } from "./menu-items";
import { commands, menus, noteMenu, runCommand } from "./registry";

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}` as NoteId;
const row = (n: number, parentId: NoteId | null, deletedAtMs: number | null = null): NoteRow => ({
  id: id(n),
  title: `Note ${n}`,
  isRoot: parentId === null,
  parentId,
  orderKey: String(n),
  deletedAtMs,
  lastUpdatedMs: null,
  adoptedBy: null,
});
const tree = buildTree([row(0, null), row(1, id(0)), row(2, id(0)), row(3, id(0), 5)]);
const app: AppState = {
  version: "1",
  runtime: "test",
  account: { kind: "signed-in", server: "", embedded: true, email: null },
  sync: { kind: "synced", atMs: 0 },
  reset: { kind: "none" },
  oldestPendingAtMs: null,
  audit: { asks: null, mended: null },
  otherServer: null,
  copyOverdue: null,
  viewedCopy: null,
  readOnly: false,
  importing: null,
  canUndo: "Move “Note 1”",
  canRedo: null,
};
const view = { ...useView.getState(), openId: id(1), focusId: id(2), selected: new Set([id(2)]) };
const byId = (commandId: string) => commands.find((command) => command.id === commandId)!;

describe("the commands", () => {
  it("have names and chords of their own", () => {
    const ids = commands.map((command) => command.id);
    expect(new Set(ids).size).toBe(ids.length);
    const chords = commands.flatMap((command) => command.keys.map(({ chord }) => chord));
    expect(new Set(chords).size).toBe(chords.length);
  });

  it("of a note's menu are among those of the menu bar", () => {
    for (const command of noteMenu.groups.flat()) expect(commands).toContain(command);
  });

  it("are refused loudly by a name that does not exist", () => {
    expect(() => runCommand("note.explode")).toThrow(/note.explode/);
  });

  it("act on the tree's line or on the open note, whichever was used last", () => {
    expect(commandStateOf(app, tree, { ...view, lastIn: "notes" }).noteId).toBe(id(2));
    expect(commandStateOf(app, tree, { ...view, lastIn: "editor" }).noteId).toBe(id(1));
  });

  it("act on no note where the line is the place 'Recovered notes'", () => {
    const state = commandStateOf(app, tree, { ...view, lastIn: "notes", focusId: "recovered" });
    expect(state.noteId).toBeNull();
    expect(byId("note.trash").isEnabled(state)).toBe(false);
  });

  it("change nothing while notes are read-only", () => {
    const state = commandStateOf({ ...app, readOnly: true }, tree, view);
    const changing = [...noteMenu.groups.flat(), byId("note.new"), byId("edit.undo"), byId("file.import")];
    const enabled = changing.filter((command) => command.isEnabled(state)).map((command) => command.id);
    expect(enabled).toEqual(["note.open"]);
  });

  it("restore what is in the trash and trash what is not", () => {
    const inTrash = commandStateOf(app, tree, { ...view, lastIn: "trash", trashFocusId: id(3) });
    expect([byId("note.restore"), byId("note.trash")].map((command) => command.isEnabled(inTrash))).toEqual([
      true,
      false,
    ]);
    const inTree = commandStateOf(app, tree, view);
    expect([byId("note.restore"), byId("note.trash")].map((command) => command.isEnabled(inTree))).toEqual([
      false,
      true,
    ]);
  });

  it("offer a recovery that was put off only then", () => {
    expect(byId("recovery.restart").isEnabled(commandStateOf(app, tree, view))).toBe(false);
  });

  it("offer a fresh copy only where syncing has stopped for good", () => {
    const offered = (changes: Partial<AppState>) =>
      byId("sync.fresh-copy").isEnabled(commandStateOf({ ...app, ...changes }, tree, view));
    const problem = { kind: "problem", message: "", pending: 0 } as const;
    expect(offered({})).toBe(false);
    expect(offered({ sync: { ...problem, stoppedAtMs: null } })).toBe(false);
    expect(offered({ sync: { ...problem, stoppedAtMs: 5 } })).toBe(true);
    expect(offered({ sync: { ...problem, stoppedAtMs: 5 }, reset: { kind: "protecting" } })).toBe(false);
  });
});

describe("the menus made from them", () => {
  it("name what would be undone", () => {
    const state = commandStateOf(app, tree, view);
    const items = describeMenus(menus, state).flatMap((menu) => menu.items);
    expect(items.find((item) => item?.command === "edit.undo")?.title).toBe("Undo: Move “Note 1”");
  });

  it("show in the window only what makes sense now", () => {
    const groups = everyMenu(menus, commandStateOf(app, tree, view));
    expect(groups.flatMap(({ items }) => items).every(({ enabled }) => enabled)).toBe(true);
    expect(groups.map(({ heading }) => heading)).toContain("Help");
  });
});
