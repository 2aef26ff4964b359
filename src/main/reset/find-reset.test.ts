import { mkdirSync, mkdtempSync, realpathSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ResetFacts, ResetState } from "../../shared/reset-machine";
import { rootIdOf } from "../notes/known-notes";
import { uuidOf } from "../realm/note-objects";
import { Realm } from "../realm/realm";
import { noteSchema } from "../realm/schema";
import { plainSealing } from "../sealed-file";
import { makeBackup } from "./backup";
import {
  causeOf,
  factsOf,
  findResetAtStart,
  findSource,
  isResetAgain,
  type KnownFile,
  resumeFromCopies,
} from "./find-reset";

function world() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "perennial-find-reset-")));
  const folders = {
    recoveredRealms: join(folder, "recovered-realms"),
    backups: join(folder, "backups"),
    sealing: plainSealing,
  };
  mkdirSync(folders.recoveredRealms);
  const file = (userId: string): KnownFile => ({
    userId,
    generation: `g-${userId}`,
    path: join(folder, `${userId}.realm`),
    earlierRecovered: [],
  });
  return { folder, folders, file };
}

function writeRealm(path: string, userId: string): void {
  const realm = new Realm({ path, schema: [noteSchema] });
  realm.write(() => {
    realm.create("Note", { _id: uuidOf(rootIdOf(userId)), text: "Notes", isRoot: true, owner_id: userId });
  });
  realm.close();
}

/** As Realm does it: under a name that says nothing of whose file it was. */
function moveAway(path: string, folder: string, name: string, atSeconds: number): string {
  const moved = join(folder, name);
  renameSync(path, moved);
  utimesSync(moved, atSeconds, atSeconds);
  return moved;
}

const mint = { resetId: "r1", atMs: 5 };
const about = { appVersion: "1", atMs: 9, sealing: plainSealing };
const copy = { name: "r1-1", atMs: 2, notes: 3 };

describe("a reset that nobody was told of", () => {
  it("shows in a stored order for the file, or in the file's absence, and in nothing else", () => {
    const { file, folder } = world();
    const mine = file("u");
    writeRealm(mine.path, "u");
    const order = (originalPath: string) => ({ originalPath, recoveryPath: "", userId: "" });
    expect(findResetAtStart(mine, [order(join(folder, "another.realm"))], mint)).toBeNull();
    expect(findResetAtStart(mine, [order(mine.path)], mint)).toMatchObject({
      resetId: "r1",
      generation: "g-u",
      cause: "found-at-start",
    });
    expect(findResetAtStart(file("gone"), [], mint)).toMatchObject({ userId: "gone" });
  });

  it("counts as a second one once recovery has a new file: while it downloads, where an order says so", () => {
    const { file } = world();
    const mine = file("u");
    writeRealm(mine.path, "u");
    const facts = factsOf(mine, mint);
    const orders = [{ originalPath: mine.path, recoveryPath: "", userId: "u" }];
    const at = (kind: "downloading" | "applying" | "uploading"): ResetState => ({ kind, facts, copy });
    expect(isResetAgain(at("applying"), orders)).toBe(true);
    expect(isResetAgain(at("uploading"), orders)).toBe(true);
    expect(isResetAgain(at("downloading"), orders)).toBe(true);
    expect(isResetAgain(at("downloading"), [])).toBe(false);
    expect(isResetAgain(at("applying"), [])).toBe(false);
    const gone = { ...facts, originalPath: `${mine.path}.gone` };
    expect(isResetAgain({ kind: "applying", facts: gone, copy }, [])).toBe(true);
    // Between the moving of the old file and the opening of the new one there is none.
    expect(isResetAgain({ kind: "downloading", facts: gone, copy }, [])).toBe(false);
    expect(isResetAgain({ kind: "idle" }, orders)).toBe(false);
  });
});

describe("where the notes of a file left behind are", () => {
  it("is its place while it is there, and the first copy once Realm has moved it", () => {
    const { file, folders } = world();
    const mine = file("u");
    writeRealm(mine.path, "u");
    const facts = factsOf(mine, mint);
    expect(findSource(facts, copy, folders, [])).toEqual({ kind: "file", path: mine.path });
    const moved: ResetFacts = { ...facts, moved: true };
    expect(findSource(moved, copy, folders, [])).toEqual({ kind: "copy", copy });
  });

  it("is the newest of this user's files among those that Realm moved away, never another user's", () => {
    const { file, folders } = world();
    for (const userId of ["u", "other"]) writeRealm(file(userId).path, userId);
    const { recoveredRealms } = folders;
    const earlier = moveAway(file("u").path, recoveredRealms, "recovered_realm-20260101-000000-XXaaaaaa", 50);
    writeRealm(file("u").path, "u");
    const mine = moveAway(file("u").path, recoveredRealms, "recovered_realm-20260102-000000-XXbbbbbb", 20);
    moveAway(file("other").path, recoveredRealms, "recovered_realm-20260103-000000-XXcccccc", 99);
    writeFileSync(join(recoveredRealms, "recovered_realm-20260104-000000-XXdddddd"), "no realm");
    const facts = factsOf(file("u"), mint);
    expect(findSource(facts, null, folders, [])).toEqual({ kind: "file", path: earlier });
    const known = ["recovered_realm-20260101-000000-XXaaaaaa"];
    expect(findSource(facts, null, folders, known)).toEqual({ kind: "file", path: mine });
  });

  it("is a copy of ours where nothing else is left, and nowhere without one", async () => {
    const { file, folders, folder } = world();
    const mine = file("u");
    const facts = factsOf(mine, mint);
    expect(findSource(facts, null, folders, [])).toEqual({ kind: "none" });
    writeRealm(mine.path, "u");
    await makeBackup(folders.backups, { kind: "file", path: mine.path }, facts, [], about);
    renameSync(mine.path, join(folder, "elsewhere"));
    expect(findSource(facts, null, folders, [])).toMatchObject({ kind: "copy", copy: { name: "r1-1" } });
    expect(findSource({ ...facts, generation: "other" }, null, folders, [])).toEqual({ kind: "none" });
  });
});

describe("a damaged record of a reset", () => {
  it("is replaced by what the newest copy says, unless a report says that it was recovered", async () => {
    const { file, folders } = world();
    const mine = file("u");
    writeRealm(mine.path, "u");
    expect(
      resumeFromCopies(
        folders.backups,
        () => false,
        () => mine,
      ),
    ).toBeNull();
    const facts: ResetFacts = { ...factsOf(mine, mint), cause: "restored", code: 211 };
    await makeBackup(folders.backups, { kind: "file", path: mine.path }, facts, [], about);
    expect(
      resumeFromCopies(
        folders.backups,
        () => false,
        () => mine,
      ),
    ).toMatchObject({
      kind: "securing",
      facts: { resetId: "r1", cause: "restored", code: 211, moved: false, originalPath: mine.path },
      copy: { name: "r1-1", notes: 1 },
    });
    const minted = { ...mine, generation: "new" };
    expect(
      resumeFromCopies(
        folders.backups,
        () => false,
        () => minted,
      ),
    ).toMatchObject({
      facts: { generation: "g-u", moved: true },
    });
    expect(
      resumeFromCopies(
        folders.backups,
        (name) => name === "r1-1",
        () => minted,
      ),
    ).toBeNull();
  });
});

describe("the cause of a reset", () => {
  it.each([
    [228, "What this user may see was changed on the server on 2026-05-01 10:00 UTC.", "rights-changed"],
    [208, "The server does not know this device's copy: the schema was changed on 2026-05-01.", "schema"],
    [208, "The server does not know this device's copy: sync was terminated on 2026-05-01.", "terminated"],
    [209, "This device has seen changes that the server does not have.", "restored"],
    [222, "This device was offline for longer than the server keeps its history.", "offline-too-long"],
    [299, "Something else.", "unknown"],
  ])("%i with '%s' is %s", (code, message, cause) => {
    expect(causeOf({ kind: "client-reset", code, message })).toBe(cause);
  });
});
