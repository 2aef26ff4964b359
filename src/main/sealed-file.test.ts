import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../shared/note";
import type { RecoveryReport } from "../shared/recovery/plan-types";
import { type Journal, journalFile, openJournal, readJournals } from "./notes/journal";
import { compactJournals } from "./notes/journal-retention";
import { openSeenStates } from "./notes/seen";
import { readBackupRealm } from "./realm/backup-realm";
import { uuidOf } from "./realm/note-objects";
import { Realm } from "./realm/realm";
import { noteSchema } from "./realm/schema";
import { openReportStore } from "./recovery/report-store";
import { makeBackup, readBackup } from "./reset/backup";
import { factsOf } from "./reset/find-reset";
import { createSealing, keyBytes, plainSealing, readSealedJson, writeSealed } from "./sealed-file";

const sealing = createSealing(new Uint8Array(randomBytes(keyBytes)));
const otherKey = createSealing(new Uint8Array(randomBytes(keyBytes)));
const id = "0b2c1a52-1d4e-4c8e-9a3f-5f0e6c7d8a91" as NoteId;
const word = "quincequetzal";

function folder(): string {
  return mkdtempSync(join(tmpdir(), "perennial-sealed-"));
}

function fail(error: Error): never {
  throw error;
}

describe("a sealed file", () => {
  const file = join(folder(), "plan.json");
  const shut = { kind: "sealed-shut" };

  it("is opened with its key, and neither with another nor after a changed byte", () => {
    writeSealed(file, JSON.stringify({ word }), sealing);
    expect(readFileSync(file, "latin1")).not.toContain(word);
    expect(readSealedJson(file, sealing)).toEqual({ kind: "ok", value: { word } });
    expect(readSealedJson(file, otherKey)).toMatchObject({ kind: "unreadable" });
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(sealing.open(changed)).toMatchObject(shut);
      expect(sealing.open(whole.subarray(0, at))).toMatchObject(shut);
    }
    expect(sealing.open(whole)).toMatchObject({ kind: "ok" });
  });

  it("is not taken for one when it is plain, so that nobody can put a plain one in its place", () => {
    expect(sealing.open(Buffer.from(JSON.stringify({ word })))).toMatchObject(shut);
    expect(sealing.open(Buffer.alloc(0))).toMatchObject(shut);
  });

  it("says which key, and nothing of the key", () => {
    const key = Buffer.from(sealing.realm.encryptionKey ?? []);
    const [header] = Buffer.from(sealing.seal("")).toString("latin1").split("\n");
    expect(header).toBe(`perennial-sealed 1 ${sealing.keyId}`);
    expect(sealing.keyId).toMatch(/^[\da-f]{16}$/);
    expect(key.toString("hex")).not.toContain(sealing.keyId);
    expect(otherKey.keyId).not.toBe(sealing.keyId);
  });
});

describe("sealed lines", () => {
  it("come back line by line; a damaged one is known, and the others are not", () => {
    const lines = sealing.sealLines("one\ntwo\n", true) + sealing.sealLines("three\n", false);
    const stored = lines.split("\n").slice(0, -1);
    expect(stored.map((line) => sealing.openLine(line))).toEqual(["one", "two", "three"]);
    expect(stored.map((line) => otherKey.openLine(line))).toEqual([null, null, null]);
    const torn = (stored[1] ?? "").slice(0, -5);
    expect(sealing.openLine(torn)).toBeNull();
    expect(sealing.openLine("two")).toBeNull();
    expect(sealing.openLine("")).toBeNull();
  });
});

describe("an edit journal that is sealed", () => {
  const header = { version: 1, userId: "u", generation: "g", ordinal: 1, createdAtMs: 0 } as const;
  const open = (at: string): Journal => openJournal(at, header, 1, fail, sealing);

  function type(journal: Journal, times: number): void {
    for (let time = 0; time < times; time += 1) {
      const change = { kind: "text", id, before: `${word} ${time}`, after: `${word} ${time + 1}` } as const;
      journal.append([change], time);
    }
  }

  it("gives its entries back with its key, and with another is unreadable and left alone", () => {
    const at = folder();
    const journal = open(at);
    type(journal, 3);
    journal.close();
    const file = journalFile(at, "u", "g");
    expect(readFileSync(file, "latin1")).not.toContain(word);
    const [read] = readJournals(at, "u", sealing).journals;
    expect(read?.entries.map(({ change }) => change.kind === "text" && change.after)).toEqual([
      `${word} 1`,
      `${word} 2`,
      `${word} 3`,
    ]);
    expect(read?.trusted).toBe(true);
    expect(readJournals(at, "u", otherKey)).toEqual({ journals: [], unreadable: ["u.g.jsonl"] });
    expect(readJournals(at, "u", plainSealing)).toEqual({ journals: [], unreadable: ["u.g.jsonl"] });
  });

  it("cuts off the torn line of a crash, also where that was the first", () => {
    const at = folder();
    const first = open(at);
    type(first, 2);
    first.close();
    const file = journalFile(at, "u", "g");
    truncateSync(file, statSync(file).size - 9);
    const again = open(at);
    expect(again.lastSeq()).toBe(1);
    type(again, 1);
    again.close();
    expect(readJournals(at, "u", sealing).journals[0]).toMatchObject({ trusted: true, entries: [{}, {}] });
    truncateSync(file, 40);
    open(at).close();
    expect(readJournals(at, "u", sealing).journals[0]).toMatchObject({ trusted: true, entries: [] });
  });

  it("is compacted into a packed file that is sealed too", () => {
    const at = folder();
    const journal = open(at);
    type(journal, 1_200);
    journal.close();
    const compact = () => {
      const { journals } = readJournals(at, "u", sealing);
      return compactJournals(at, journals, "g", 1_199, 2_000, sealing);
    };
    expect(compact().rewritten).toEqual(["g"]);
    const [read] = readJournals(at, "u", sealing).journals;
    expect(read?.trusted).toBe(true);
    expect(read?.entries.map(({ seq }) => seq)).toEqual([1_199, 1_200]);
    expect(readFileSync(join(at, "u.g.acked.gz")).subarray(0, 16).toString()).toBe("perennial-sealed");
    writeFileSync(join(at, "u.g.acked.gz"), "damaged");
    expect(readJournals(at, "u", sealing).journals[0]?.trusted).toBe(false);
    const again = open(at);
    type(again, 1);
    again.close();
    expect(readJournals(at, "u", sealing).journals[0]?.entries.map(({ seq }) => seq)).toEqual([1_200, 1_201]);
  });
});

describe("what else lies in an encrypted data folder", () => {
  const note = { id, text: word, parentId: null, orderKey: "A", isRoot: false, deletedAtMs: null } as Note;

  it("keeps the seen states from who has no key, through restarts", () => {
    const file = join(folder(), "u.log");
    const first = openSeenStates(file, sealing, fail);
    first.add(note, "r1");
    first.add({ ...note, text: "later" }, "r2");
    first.close();
    expect(readFileSync(file, "latin1")).not.toContain(id);
    const again = openSeenStates(file, sealing, fail);
    expect(again.age(note, "r1")).toBe(1);
    again.add({ ...note, text: "latest" }, "r3");
    again.close();
    const third = openSeenStates(file, sealing, fail);
    expect(third.age(note, "r1")).toBe(2);
    third.close();
    const other = openSeenStates(file, otherKey, fail);
    expect(other.knows(id)).toBe(false);
    other.close();
  });

  it("keeps reports and what they leave over, and gives them to who asks for a plain file", () => {
    const at = folder();
    const reports = openReportStore(at, sealing, () => "u");
    const report = {
      version: 1,
      resetId: "r1",
      cause: "restored",
      strategy: "merge",
      failed: [],
      items: [],
      startedAtMs: 1,
      finishedAtMs: 2,
      title: word,
    };
    reports.write(report as unknown as RecoveryReport);
    const left = reports.writeLeftovers("r1", { fields: { [id]: { mood: word } }, objects: {} });
    expect(reports.read("r1")).toMatchObject({ title: word });
    for (const name of ["r1.json", "r1.md", left]) {
      const bytes = readFileSync(join(at, name));
      expect(bytes.toString("latin1")).not.toContain(word);
      expect(bytes.subarray(0, 16).toString()).toBe("perennial-sealed");
    }
    expect(reports.contentOf("r1", "json").toString()).toContain(word);
    expect(reports.contentOf("r1", "md").toString()).toMatch(/^# /);
    expect(openReportStore(at, otherKey, () => "u").read("r1")).toBeNull();
  });

  it("copies an encrypted realm as one, readable with the key alone", async () => {
    const at = folder();
    const path = join(at, "notes.realm");
    const realm = new Realm({ path, schema: [noteSchema], ...sealing.realm });
    realm.write(() => {
      realm.create("Note", { _id: uuidOf(id), text: word, isRoot: false, owner_id: "u" });
    });
    realm.close();
    const backups = join(at, "backups");
    const mint = { resetId: "r1", atMs: 1 };
    const facts = factsOf({ userId: "u", generation: "g", path, earlierRecovered: [] }, mint);
    const about = { appVersion: "1", atMs: 9, sealing };
    expect(await makeBackup(backups, { kind: "file", path }, facts, [], about)).toMatchObject({ kind: "ok" });
    expect(readFileSync(join(backups, "r1-1", "notes.realm"), "latin1")).not.toContain(word);
    const read = await readBackup(backups, "r1-1", sealing);
    expect(read).toMatchObject({ kind: "ok", manifest: { encrypted: true, keyId: sealing.keyId, notes: 1 } });
    expect(await readBackup(backups, "r1-1", plainSealing)).toMatchObject({ kind: "unusable" });
    expect(readBackupRealm(path, otherKey)).toMatchObject({ kind: "unreadable" });
  });
});
