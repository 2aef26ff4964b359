import { appendFileSync, existsSync, mkdtempSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ResetFacts } from "../../shared/reset-machine";
import { Realm } from "../realm/realm";
import { noteSchema } from "../realm/schema";
import { plainSealing } from "../sealed-file";
import { backupRealmPath, makeBackup, readBackup } from "./backup";

const about = { appVersion: "1", atMs: 9, sealing: plainSealing };

function world(): { folder: string; backups: string; path: string; facts: ResetFacts } {
  const folder = mkdtempSync(join(tmpdir(), "perennial-backup-"));
  const path = join(folder, "live.realm");
  const realm = new Realm({ path, schema: [noteSchema] });
  realm.write(() => {
    realm.create("Note", { _id: new Realm.BSON.UUID(), text: "milk", isRoot: true, owner_id: "u" });
  });
  realm.close();
  const facts: ResetFacts = {
    resetId: "r1",
    cause: "restored",
    code: 211,
    serverMessage: "",
    userId: "u",
    generation: "g",
    originalPath: path,
    foundAtMs: 1,
    order: "realm",
    moved: false,
    resetsToday: 1,
    halvings: 0,
  };
  return { folder, backups: join(folder, "backups"), path, facts };
}

describe("the safety copy", () => {
  it("can be read back, counted, and says whose it is", async () => {
    const { backups, path, facts } = world();
    const made = await makeBackup(backups, { kind: "file", path }, facts, [], about);
    expect(made).toEqual({ kind: "ok", copy: { name: "r1-1", atMs: 9, notes: 1 } });
    const read = await readBackup(backups, "r1-1", plainSealing);
    expect(read.kind === "ok" && [...read.notes.values()].map(({ text }) => text)).toEqual(["milk"]);
    expect(read.kind === "ok" && read.manifest).toMatchObject({
      userId: "u",
      generation: "g",
      cause: "restored",
    });
  });

  it("never replaces an earlier copy of the same reset", async () => {
    const { backups, path, facts } = world();
    await makeBackup(backups, { kind: "file", path }, facts, [], about);
    const second = await makeBackup(backups, { kind: "file", path }, facts, [], about);
    expect(second).toMatchObject({ kind: "ok", copy: { name: "r1-2" } });
    expect(readdirSync(backups).sort()).toEqual(["r1-1", "r1-2"]);
  });

  it("is refused, and nothing is left behind, when the file is no realm that can be read", async () => {
    const { folder, backups, facts } = world();
    const path = join(folder, "torn.realm");
    writeFileSync(path, "these are not notes");
    const made = await makeBackup(backups, { kind: "file", path }, facts, [], about);
    expect(made).toMatchObject({ kind: "failed", message: expect.stringContaining("cannot be read") });
    expect(existsSync(join(backups, "r1-1"))).toBe(false);
  });

  it("is not used any more once a byte of it has changed", async () => {
    const { backups, path, facts } = world();
    await makeBackup(backups, { kind: "file", path }, facts, [], about);
    appendFileSync(backupRealmPath(backups, "r1-1"), "x");
    expect(await readBackup(backups, "r1-1", plainSealing)).toMatchObject({ kind: "unusable" });
  });

  it("takes the journal along", async () => {
    const { folder, backups, path, facts } = world();
    const journal = join(folder, "u.g.jsonl");
    writeFileSync(journal, "line\n");
    await makeBackup(backups, { kind: "file", path }, facts, [journal], about);
    expect(existsSync(join(backups, "r1-1", "u.g.jsonl"))).toBe(true);
  });

  it("says so when the folder for copies cannot be written", async () => {
    const { folder, path, facts } = world();
    const notAFolder = join(folder, "file");
    writeFileSync(notAFolder, "");
    const made = await makeBackup(join(notAFolder, "backups"), { kind: "file", path }, facts, [], about);
    expect(made).toMatchObject({ kind: "failed", bytesNeeded: null });
  });

  it("says how much room is missing before it begins", async () => {
    const { folder, backups, facts } = world();
    // Sparse: as large as it says, and nothing on the disk.
    const path = join(folder, "large.realm");
    writeFileSync(path, "");
    truncateSync(path, 4_000_000_000_000);
    const made = await makeBackup(backups, { kind: "file", path }, facts, [], about);
    expect(made).toMatchObject({ kind: "failed", message: expect.stringContaining("not enough room") });
    expect(made.kind === "failed" && (made.bytesNeeded ?? 0)).toBeGreaterThan(1_000_000_000);
    expect(readdirSync(backups)).toEqual([]);
  });

  it.runIf(process.platform === "linux")("says that the disk is full where it becomes so", async () => {
    const { backups, path, facts } = world();
    // The system's own full disk.
    const writeCopyTo = () => writeFileSync("/dev/full", "notes");
    const made = await makeBackup(backups, { kind: "open-realm", path, writeCopyTo }, facts, [], about);
    expect(made).toMatchObject({ kind: "failed", message: "The disk is full." });
    expect(made.kind === "failed" && made.bytesNeeded).toBeGreaterThan(0);
    expect(readdirSync(backups)).toEqual([]);
  });

  it("is no source of notes whose text this version cannot find, which would all pass for empty", async () => {
    const { folder, backups, facts } = world();
    const path = join(folder, "other.realm");
    const schema = { name: "Note", primaryKey: "_id", properties: { _id: "uuid", body: "string" } };
    new Realm({ path, schema: [schema] }).close();
    const made = await makeBackup(backups, { kind: "file", path }, facts, [], about);
    expect(made.kind).toBe("ok");
    expect(await readBackup(backups, "r1-1", plainSealing)).toMatchObject({
      kind: "unusable",
      message: expect.stringContaining("no field 'text'"),
    });
  });
});
