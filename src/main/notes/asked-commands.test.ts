import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import { createSealing, plainSealing } from "../sealed-file";
import { type AskedCommand, carryOut, carryOutLater, openAskedCommands } from "./asked-commands";
import { createCopiedNotes } from "./copied-notes";
import { createNoteCommands } from "./note-commands";

const idOf = (number: number) => `00000000-0000-4000-8000-00000000000${number}` as NoteId;
const rootId = idOf(0);
const nothingLogged = () => undefined;

/** A root with notes 1, 2 and 3 under it. */
function world() {
  const life = { childIds: [], deletedAtMs: null, lastUpdatedMs: null };
  const notes: Note[] = [
    { id: rootId, text: "Notes", isRoot: true, parentId: null, orderKey: "", ...life },
    ...[1, 2, 3].map((number) => ({
      id: idOf(number),
      text: `# Note ${number}\n`,
      isRoot: false,
      parentId: rootId,
      orderKey: `V${number}`,
      ...life,
    })),
  ];
  const copied = createCopiedNotes(new Map(notes.map((note) => [note.id, note])), {
    rootId,
    keep: () => undefined,
    onCommit: () => undefined,
  });
  return { notes: copied, commands: createNoteCommands(copied, () => 1) };
}

const asked: readonly AskedCommand[] = [
  { kind: "create", id: idOf(9), target: { parentId: idOf(1), afterId: null }, text: "# New\n" },
  { kind: "rename", id: idOf(1), title: "Renamed", seen: "# Note 1\n" },
  { kind: "move", id: idOf(3), target: { parentId: idOf(1), afterId: null } },
  { kind: "indent", id: idOf(2), from: rootId },
  { kind: "trash", id: idOf(3) },
];

const shown = ({ notes }: ReturnType<typeof world>) =>
  [...notes.all().values()].map(({ id, text, parentId, deletedAtMs }) => ({
    id,
    text,
    parentId,
    deletedAtMs,
  }));

describe("what was asked for and not answered", () => {
  it("is done by the next process, and not again where the former one had done it", () => {
    const there = world();
    for (const command of asked) expect(carryOutLater(command, there.commands, there.notes)?.kind).toBe("ok");
    expect(there.notes.read(idOf(9))).toMatchObject({ text: "# New\n", parentId: idOf(1) });
    expect(there.notes.read(idOf(1))?.text).toBe("# Renamed\n");
    expect(there.notes.read(idOf(2))?.parentId).toBe(idOf(1));
    expect(there.notes.read(idOf(3))?.deletedAtMs).toBe(1);
    const done = shown(there);
    for (const command of asked) carryOutLater(command, there.commands, there.notes);
    expect(shown(there)).toEqual(done);
    // As the former process does it, whose answer never came.
    const before = world();
    for (const command of asked) carryOut(command, before.commands);
    for (const command of asked) carryOutLater(command, before.commands, before.notes);
    expect(shown(before)).toEqual(done);
  });

  it("has its words kept where their place is gone, waits with a title for its note, and makes no empty note", () => {
    const { notes, commands } = world();
    const target = { parentId: idOf(7), afterId: idOf(8) };
    expect(
      carryOutLater({ kind: "create", id: idOf(9), target, text: "# Words\n" }, commands, notes)?.kind,
    ).toBe("ok");
    expect(notes.read(idOf(9))?.parentId).toBe(rootId);
    expect(carryOutLater({ kind: "rename", id: idOf(6), title: "Later" }, commands, notes)).toBeNull();
    carryOutLater({ kind: "create", id: idOf(5), target, text: " " }, commands, notes);
    expect(notes.read(idOf(5))).toBeNull();
  });
});

describe("where it is kept", () => {
  function folder(sealing = plainSealing) {
    const typing = mkdtempSync(join(tmpdir(), "perennial-asked-"));
    onTestFinished(() => rmSync(typing, { recursive: true, force: true }));
    return { typing, sealing };
  }

  it("is there for the next process until it is answered, of each user alone, and no file without it", () => {
    const paths = folder();
    const first = openAskedCommands(paths, "one", nothingLogged);
    for (const command of asked) first.keep(command);
    first.drop(asked[1]!);
    const next = openAskedCommands(paths, "one", nothingLogged);
    expect(next.leftBehind()).toEqual(asked.filter((_, index) => index !== 1));
    next.keep(asked[1]!);
    for (const left of next.leftBehind()) next.drop(left);
    expect(openAskedCommands(paths, "one", nothingLogged).leftBehind()).toEqual([asked[1]]);
    expect(openAskedCommands(paths, "two", nothingLogged).leftBehind()).toEqual([]);
    next.drop(asked[1]!);
    expect(readdirSync(paths.typing)).toEqual([]);
  });

  it("is sealed where the folder is encrypted, and counts for nothing where it makes no sense", () => {
    const paths = folder(createSealing(randomBytes(64)));
    openAskedCommands(paths, "one", nothingLogged).keep(asked[1]!);
    const file = join(paths.typing, "one.asked.json");
    expect(readFileSync(file, "utf8")).not.toContain("Renamed");
    expect(openAskedCommands(paths, "one", nothingLogged).leftBehind()).toEqual([asked[1]]);
    writeFileSync(file, "{");
    const said: string[] = [];
    const log = (_level: string, message: string) => void said.push(message);
    expect(openAskedCommands(paths, "one", log).leftBehind()).toEqual([]);
    expect(said).toEqual([expect.stringContaining("makes no sense")]);
  });
});
