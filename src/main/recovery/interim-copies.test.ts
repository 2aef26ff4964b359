import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import type { LogFields } from "../log";
import { type BackupManifest, backupRealmPath } from "../reset/backup";
import { plainSealing } from "../sealed-file";
import { arrivedFrom, type InterimServer, interimSide, readInterim } from "./interim-copies";

const id = "00000000-0000-4000-8000-00000000000a" as NoteId;

function holding(text: string, revision: string, lastUpdatedMs = 1): InterimServer {
  const life = { isRoot: false, orderKey: "V", childIds: [], deletedAtMs: null, lastUpdatedMs };
  const note: Note = { id, text, parentId: null, ...life };
  return { notes: new Map([[id, note]]), revisions: new Map([[id, revision]]) };
}

function withChange({ notes, revisions }: InterimServer, change: Partial<Note>): InterimServer {
  return { notes: new Map([[id, { ...notes.get(id)!, ...change }]]), revisions };
}

const nothing: InterimServer = { notes: new Map(), revisions: new Map() };

/** What the attempt found, what it wrote there, and what the server shows after it. */
function arrived(found: InterimServer, wrote: InterimServer, now: InterimServer) {
  return arrivedFrom([{ ...found, wrote }], now)(id);
}

describe("whether the server has what an earlier attempt wrote", () => {
  const wrote = holding("# One\nmine\n", "r/2", 5);

  it("is sure where it shows that write", () => {
    expect(arrived(holding("# One\n", "r/1"), wrote, holding("# One\nmine\n", "r/2", 5))).toBe("surely");
  });

  it("is not so where it shows nothing of it, or another device's write of the same old version", () => {
    expect(arrived(nothing, wrote, nothing)).toBe("no");
    expect(arrived(holding("# One\n", "r/1"), wrote, holding("# One\n", "r/1"))).toBe("no");
    expect(arrived(holding("# One\n", "r/1"), wrote, holding("# One\nmine\n", "r/2", 6))).toBe("no");
  });

  it("may be where others wrote since: its lines are there, or the note that was not there before", () => {
    const later = holding("# Other\nmine\n# One\n", "s/1");
    const renamed = holding("# Other\n", "s/1");
    expect(arrived(holding("# One\n", "r/1"), wrote, later)).toBe("perhaps");
    expect(arrived(holding("# One\n", "r/1"), wrote, renamed)).toBe("no");
    expect(arrived(nothing, wrote, renamed)).toBe("perhaps");
  });

  it("may be where others renamed the note since, and a line that it wrote is there", () => {
    const renamed = holding("# Other\nmine\n", "s/1");
    expect(arrived(holding("# One\n", "r/1"), wrote, renamed)).toBe("perhaps");
    // That line had been there before.
    expect(arrived(holding("mine\n", "r/1"), wrote, renamed)).toBe("no");
  });

  it("may be where others renamed the note since, and a line that it took out is not there", () => {
    const found = holding("# One\ntaken out\n", "r/1");
    const left = holding("# One\n", "r/2", 5);
    expect(arrived(found, left, holding("# Other\ntheirs\n", "s/1"))).toBe("perhaps");
    expect(arrived(found, left, holding("# Other\ntaken out\n", "s/1"))).toBe("no");
  });

  it("may be where others renamed the note since, and it is where it was put, or in the trash as it was", () => {
    const found = holding("# One\n", "r/1");
    const renamed = holding("# Other\n", "s/1");
    for (const change of [{ orderKey: "Z" }, { parentId: "p" as NoteId }, { deletedAtMs: 7 }]) {
      const left = withChange(holding("# One\n", "r/2", 5), change);
      expect(arrived(found, left, withChange(renamed, change))).toBe("perhaps");
      expect(arrived(found, left, renamed)).toBe("no");
    }
  });
});

describe("what an earlier attempt found on the server", () => {
  const found = holding("# One\ntaken out\n", "r/1");
  const known = { local: nothing, history: new Map(), seen: { has: () => false } };
  const isNews = (writtenOver: string) => {
    const hasWrittenOver = (_id: NoteId, text: string) => text === writtenOver;
    return interimSide(found, holding("# One\n", "s/1"), { ...known, hasWrittenOver }).isNews(id);
  };

  it("is news to a device that never saw it", () => {
    expect(isNews("# Something else\n")).toBe(true);
  });

  it("is none where the server had it still when this device wrote over it, in this very file", () => {
    expect(isNews("# One\ntaken out\n")).toBe(false);
  });
});

describe("the copy of an earlier attempt", () => {
  it("is passed over where it is not what it was when it was made, and the log says which and why", async () => {
    const backups = mkdtempSync(join(tmpdir(), "perennial-interim-"));
    onTestFinished(() => rmSync(backups, { recursive: true, force: true }));
    const manifest: BackupManifest = {
      ...{ version: 1, kind: "interim", resetId: "r", cause: "restored", code: 0, serverMessage: "" },
      ...{ userId: "u", generation: "g", appVersion: "0", createdAtMs: 1, notes: 1, sizeBytes: 5 },
      sha256: "of what it was",
    };
    mkdirSync(join(backups, "attempt"));
    writeFileSync(join(backups, "attempt", "manifest.json"), JSON.stringify(manifest));
    writeFileSync(backupRealmPath(backups, "attempt"), "other");

    const logged: { level: string; fields: LogFields | undefined }[] = [];
    const read = await readInterim(
      { name: "attempt", manifest },
      { backups, sealing: plainSealing },
      (level, _message, fields) => logged.push({ level, fields }),
    );
    expect(read).toBeNull();
    expect(logged).toMatchObject([
      {
        level: "warn",
        fields: { name: "attempt", error: expect.stringMatching("changed since it was made") },
      },
    ]);
  });
});
