import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { NoteId } from "../../shared/note";
import type { ResetCause } from "../../shared/recovery/plan-types";
import { createRandom, type Random } from "../../shared/recovery/testing/random-world";
import type { BackupRef, ResetFacts, ResetState } from "../../shared/reset-machine";
import { openJournal } from "../notes/journal";
import { type DataPaths, dataPaths } from "../paths";
import { openLastSyncedRealm } from "../realm/last-synced-realm";
import { readNotesInParts } from "../realm/note-parts";
import { Realm } from "../realm/realm";
import { noteSchema, noteSchemas } from "../realm/schema";
import { backupRealmPath, makeBackup } from "../reset/backup";
import { createSealing, keyBytes, plainSealing, type Sealing } from "../sealed-file";
import { createKeptAhead, type KeptAhead } from "./kept-ahead";
import { createLocalSideReader, type LocalSide, type LocalSideReader } from "./local-side";

type Said = { readonly message: string; readonly reason: unknown };

/** A device in front of its prompt: an open realm of its own, a journal, and what is read of both. */
type Device = {
  readonly paths: DataPaths;
  readonly realm: Realm;
  readonly facts: ResetFacts;
  readonly said: Said[];
  readonly keptAhead: KeptAhead;
  readonly state: (state: ResetState) => void;
  readonly write: (work: () => void) => void;
  /** As after the restart: the realm is closed, and its file copied. */
  readonly copy: (generation?: string) => Promise<BackupRef>;
  readonly read: (copy: BackupRef, facts?: ResetFacts) => Promise<LocalSide>;
  readonly reader: () => LocalSideReader;
  /** As somebody who writes on top of the copy does: into the journal alone. */
  readonly create: (id: NoteId) => void;
};

const userId = "u";
const held = { name: "first", atMs: 1, notes: 1 };

function device(sealing: Sealing = plainSealing, schema: Realm.ObjectSchema = noteSchema): Device {
  const paths = dataPaths(mkdtempSync(join(tmpdir(), "perennial-local-side-")), sealing);
  mkdirSync(paths.local);
  const path = join(paths.dataDir, "live.realm");
  const realm = new Realm({ path, schema: [schema], ...sealing.realm });
  const journal = openJournal(
    paths.journals,
    { version: 1, userId, generation: "g", ordinal: 1, createdAtMs: 1 },
    1,
    () => undefined,
    sealing,
  );
  const said: Said[] = [];
  const log = (_level: string, message: string, fields?: Record<string, unknown>) =>
    void said.push({ message, reason: fields?.reason });
  const facts: ResetFacts = {
    resetId: "r",
    cause: "restored",
    code: 208,
    serverMessage: "",
    userId,
    generation: "g",
    originalPath: path,
    foundAtMs: 1,
    order: "realm",
    moved: false,
    resetsToday: 1,
    halvings: 0,
  };
  let state: ResetState = { kind: "prompting", facts, copy: held };
  const open = {
    userId,
    generation: "g",
    journal,
    realm: {
      path,
      refresh() {
        realm.beginTransaction();
        realm.cancelTransaction();
      },
      readInParts: () => readNotesInParts(realm),
    },
  };
  const keptAhead = createKeptAhead({
    paths,
    state: () => state,
    session: () => open,
    log,
    againAfterMs: 100,
  });
  const lastSynced = openLastSyncedRealm(paths.lastSyncedRealm, sealing, () => undefined);
  const reader = () => createLocalSideReader({ lastSynced, folders: paths, log });
  onTestFinished(() => {
    keptAhead.close();
    lastSynced.close();
    if (!realm.isClosed) realm.close();
  });
  return {
    paths,
    realm,
    facts,
    said,
    keptAhead,
    state(next) {
      state = next;
      keptAhead.poke();
    },
    write(work) {
      realm.write(work);
      const text = { kind: "text", id: "n" as NoteId, before: "", after: "x" } as const;
      journal.append([text], 1);
      journal.flush();
    },
    async copy(generation = "g") {
      realm.close();
      const about = { appVersion: "1", atMs: 9, sealing };
      const made = await makeBackup(
        paths.backups,
        { kind: "file", path },
        { ...facts, generation },
        [join(paths.journals, "u.g.jsonl")],
        about,
      );
      if (made.kind === "failed") throw new Error(made.message);
      return made.copy;
    },
    read: (copy, of = facts) => reader().read(of, copy),
    reader,
    create(id) {
      const place = { parentId: null, orderKey: "V" };
      const life = { isRoot: false, childIds: [], deletedAtMs: null, lastUpdatedMs: 1 };
      journal.append([{ kind: "create", note: { id, text: "# New\n", ...place, ...life } }], 1);
      journal.flush();
    },
  };
}

async function untilKept({ keptAhead, paths }: Device): Promise<void> {
  keptAhead.poke();
  await vi.waitFor(() => expect(existsSync(paths.notesAsRead)).toBe(true), { timeout: 60_000 });
}

function plant(realm: Realm, text: string): void {
  realm.create("Note", { _id: new Realm.BSON.UUID(), text, isRoot: false, owner_id: userId });
}

const used = "the notes are those that were read ahead";
const notUsed = "the notes are read from the safety copy, not as they were read ahead";
const reasonsIn = (said: readonly Said[]) => said.filter(({ message }) => message === notUsed);

const texts = [
  "",
  "one line",
  "\0",
  "a\0b",
  "\ud800 alone",
  "😀\r\n",
  "10 kB ".repeat(1_700),
  "# Title\nwords\n",
];

type Planted = Realm.Object & { children: Realm.List<Realm.Object>; _id: Realm.BSON.UUID };

/** Some with a place, some that only lists of children name, some in the trash, some that were deleted for good. */
function plantAtRandom(realm: Realm, random: Random, count: number): void {
  const allPlaced = random.below(3) === 0;
  const made: Planted[] = [];
  realm.write(() => {
    for (let index = 0; index < count; index += 1) {
      const isPlaced = allPlaced || random.below(4) > 0;
      const parent = made[random.below(Math.max(1, made.length))];
      const isTombstone = !allPlaced && random.below(10) === 0;
      made.push(
        realm.create<Planted>("Note", {
          _id: new Realm.BSON.UUID(),
          text: isTombstone ? "" : random.pick(texts),
          isRoot: index === 0,
          owner_id: userId,
          parentId: isTombstone || !isPlaced ? null : (parent?._id ?? null),
          orderKey: random.below(5) === 0 ? null : random.pick(["a", "m", "zz"]),
          deletedAt: isTombstone || random.below(6) === 0 ? new Date(random.below(2_000_000)) : null,
          lastUpdated: random.below(7) === 0 ? null : new Date(1_700_000_000_000 + random.below(1_000)),
          revision: random.below(8) === 0 ? null : `g/${random.below(50)}`,
        } as never),
      );
      for (let child = 0; parent !== undefined && child < random.below(3); child += 1) {
        parent.children.push(random.pick(made));
      }
    }
  });
}

describe("what this device brings to a recovery", () => {
  it.each([
    ["plain", plainSealing],
    ["encrypted", createSealing(Buffer.alloc(keyBytes, "some key"))],
  ])("is the same whether it was read before the restart or after it, %s", async (_name, sealing) => {
    const random = createRandom(20261126);
    for (const count of [0, 1, 40, 999, 1_000, 1_001, 1_300]) {
      const here = device(sealing);
      plantAtRandom(here.realm, random, count);
      await untilKept(here);
      const copy = await here.copy();
      const ahead = await here.read(copy);
      expect(here.said.map(({ message }) => message)).toContain(used);
      expect(reasonsIn(here.said)).toEqual([]);
      rmSync(here.paths.notesAsRead);
      const anew = await here.read(copy);
      expect(reasonsIn(here.said)).toMatchObject([{ reason: "there is none" }]);
      expect(ahead).toEqual(anew);
      if (ahead.kind === "unusable" || anew.kind === "unusable") throw new Error("it cannot be read");
      expect([...ahead.notes.keys()]).toEqual([...anew.notes.keys()]);
      expect(ahead.notes.size).toBe(count);
    }
  });

  it("says of each earlier attempt whether the server had been restored when it began", async () => {
    const [first, second] = [device(), device()];
    const copies = async ({ paths, facts, realm }: Device, causes: readonly ResetCause[]) => {
      realm.write(() => plant(realm, "milk"));
      realm.close();
      const made = causes.map((cause, index) => {
        const kind = index === 0 ? "reset" : "interim";
        const of = { ...facts, cause, generation: index === 0 ? "g" : `g${index}` };
        const about = { appVersion: "1", atMs: index, sealing: plainSealing, kind } as const;
        return () => makeBackup(paths.backups, { kind: "file", path: facts.originalPath }, of, [], about);
      });
      for (const make of made) expect(await make()).toMatchObject({ kind: "ok" });
    };
    await copies(first, ["terminated", "restored", "restored"]);
    await copies(second, ["restored", "restored"]);
    const wereRestored = async (of: Device) => {
      const side = await of.read({ name: "r-1", atMs: 0, notes: 1 });
      if (side.kind === "unusable") throw new Error(side.message);
      return side.interim.map(({ wasRestored }) => wasRestored);
    };
    expect(await wereRestored(first)).toEqual([false, true]);
    expect(await wereRestored(second)).toEqual([true]);
  });

  it("is read from the copy when something was written after the notes were read", async () => {
    const here = device();
    here.realm.write(() => plant(here.realm, "milk"));
    await untilKept(here);
    here.write(() => plant(here.realm, "and bread"));
    const side = await here.read(await here.copy());
    expect(side.kind === "ok" && [...side.notes.values()].map(({ text }) => text)).toEqual([
      "milk",
      "and bread",
    ]);
    expect(reasonsIn(here.said)).toMatchObject([{ reason: "something was written since" }]);
  });

  it("is read from the copy when the file is another's: of a user, of a generation, of another realm", async () => {
    const here = device();
    here.realm.write(() => plant(here.realm, "milk"));
    await untilKept(here);
    const copy = await here.copy();
    await here.read(copy, { ...here.facts, userId: "v" });
    await here.read(copy, { ...here.facts, generation: "h" });
    const there = device();
    there.realm.write(() => plant(there.realm, "oil"));
    const theirs = await there.copy();
    writeFileSync(there.paths.notesAsRead, readFileSync(here.paths.notesAsRead));
    const side = await there.read(theirs);
    expect(side.kind === "ok" && [...side.notes.values()].map(({ text }) => text)).toEqual(["oil"]);
    expect(reasonsIn([...here.said, ...there.said]).map(({ reason }) => reason)).toEqual([
      "they are of another file",
      "they are of another file",
      "something was written since",
    ]);
  });

  it("is read from the copy when the file is damaged, cut off or sealed with another key", async () => {
    const here = device();
    here.realm.write(() => plant(here.realm, "milk"));
    await untilKept(here);
    const copy = await here.copy();
    const whole = readFileSync(here.paths.notesAsRead);
    const anew = await here.read(copy);
    const damaged = Buffer.from(whole);
    damaged[60]! ^= 1;
    const foreign = createSealing(Buffer.alloc(keyBytes, "other")).seal(whole);
    for (const bytes of [damaged, whole.subarray(0, 70), foreign, Buffer.alloc(0), Buffer.alloc(500)]) {
      writeFileSync(here.paths.notesAsRead, bytes);
      expect(await here.read(copy)).toEqual(anew);
    }
    expect(reasonsIn(here.said)).toHaveLength(5);
  });

  it("is of one moment, though something is written between the reading of the notes and that of the rest", async () => {
    const here = device();
    here.write(() => plant(here.realm, "milk"));
    await untilKept(here);
    const copy = await here.copy();
    const [first, second] = ["a", "b"].map(
      (digit) => `00000000-0000-4000-8000-00000000000${digit}` as NoteId,
    );
    here.create(first!);
    const reader = here.reader();
    const planned = reader.read(here.facts, copy);
    await reader.notes(here.facts, copy);
    here.create(second!);
    const before = await planned;
    const after = await reader.read(here.facts, copy);
    const created = [first!, second!].map((id) =>
      [before, after].map((side) => side.kind === "ok" && [side.notes.has(id), side.history.has(id)]),
    );
    expect(created).toEqual([
      [
        [true, true],
        [true, true],
      ],
      [
        [false, false],
        [true, true],
      ],
    ]);
    // As it is when all is read anew.
    expect(after).toEqual(await here.read(copy));
  });

  it("is not planned with when the copy was damaged since, though its notes can be shown", async () => {
    const here = device();
    here.realm.write(() => plant(here.realm, "milk"));
    await untilKept(here);
    const copy = await here.copy();
    const file = backupRealmPath(here.paths.backups, copy.name);
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    const side = await here.read(copy);
    expect(side).toMatchObject({ kind: "unusable", message: expect.stringContaining("was changed since") });
  });

  it("is of a copy that is looked at once, however often something is written meanwhile", async () => {
    const here = device();
    here.write(() => plant(here.realm, "milk"));
    await untilKept(here);
    const copy = await here.copy();
    const reader = here.reader();
    expect(await reader.read(here.facts, copy)).toMatchObject({ kind: "ok" });
    const file = backupRealmPath(here.paths.backups, copy.name);
    writeFileSync(file, readFileSync(file).subarray(1));
    const id = "00000000-0000-4000-8000-00000000000a" as NoteId;
    here.create(id);
    const after = await reader.read(here.facts, copy);
    expect(after.kind === "ok" && after.notes.has(id)).toBe(true);
  });
});

describe("the notes read ahead", () => {
  it("are read again when something was written while they were read, or after it", async () => {
    const here = device();
    here.realm.write(() => plant(here.realm, "milk"));
    await untilKept(here);
    const before = readFileSync(here.paths.notesAsRead);
    here.write(() => plant(here.realm, "and bread"));
    here.keptAhead.poke();
    await vi.waitFor(() => expect(readFileSync(here.paths.notesAsRead).equals(before)).toBe(false), {
      timeout: 60_000,
      interval: 100,
    });
    await here.read(await here.copy());
    expect(reasonsIn(here.said)).toEqual([]);
  });

  it("are not kept when the realm changed on the way, by whatever hand", async () => {
    const here = device();
    here.realm.write(() => {
      for (let note = 0; note < 5_000; note += 1) plant(here.realm, `note ${note}`);
    });
    here.keptAhead.poke();
    await vi.waitFor(() => expect(existsSync(`${here.paths.notesAsRead}.new`)).toBe(true), {
      timeout: 60_000,
      interval: 0,
    });
    // As the sync client would: with no entry in the journal.
    here.realm.write(() => plant(here.realm, "from elsewhere"));
    await vi.waitFor(() => expect(here.said).toHaveLength(1), { timeout: 60_000 });
    expect(here.said).toMatchObject([{ reason: "something was written" }]);
    // Once that is over they are read again, and whole.
    await untilKept(here);
    const side = await here.read(await here.copy());
    expect(side.kind === "ok" && side.notes.size).toBe(5_001);
    expect(reasonsIn(here.said)).toEqual([]);
  });

  it("stop being read at the restart, and go when the reset is over", async () => {
    const here = device();
    here.realm.write(() => plant(here.realm, "milk"));
    await untilKept(here);
    here.state({ kind: "downloading", facts: here.facts, copy: held });
    expect(existsSync(here.paths.notesAsRead)).toBe(true);
    here.state({ kind: "idle" });
    await vi.waitFor(() => expect(existsSync(here.paths.notesAsRead)).toBe(false));
    // And the next one has its own.
    here.state({ kind: "prompting", facts: here.facts, copy: held });
    await untilKept(here);
  });

  it("are none where the notes were opened with fewer fields than there are", async () => {
    const here = device(plainSealing, noteSchemas.published);
    here.keptAhead.poke();
    await vi.waitFor(() => expect(here.said).toHaveLength(1), { timeout: 60_000 });
    expect(here.said).toMatchObject([{ reason: "the notes have other fields" }]);
  });
});
