import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import type { LogFields } from "../log";
import { type BackupManifest, backupRealmPath } from "../reset/backup";
import { plainSealing } from "../sealed-file";
import {
  arrivedFrom,
  type InterimServer,
  interimSide,
  readInterim,
  revisionAsItWas,
  writtenOverIn,
} from "./interim-copies";

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
  return arrivedFrom([{ ...found, wasRestored: false, wrote }], now)(id);
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
  const unseen = { has: () => false, age: () => null };
  const known = { local: nothing, history: new Map(), seen: unseen };
  const isNews = (writtenOver: string) => {
    const hasWrittenOver = (_id: NoteId, text: string) => text === writtenOver;
    const attempt = { ...found, wasRestored: false };
    return interimSide(attempt, holding("# One\n", "s/1"), { ...known, hasWrittenOver }).isNews(id);
  };

  it("is news to a device that never saw it", () => {
    expect(isNews("# Something else\n")).toBe(true);
  });

  it("is none where the server had it still when this device wrote over it, in this very file", () => {
    expect(isNews("# One\ntaken out\n")).toBe(false);
  });
});

describe("what an earlier attempt found, after a power cut that cost what was seen,", () => {
  const place = { parentId: null, orderKey: "V" };
  const unseen = { has: () => false, age: () => null };
  const local = withChange(holding("# One\n", "r/2"), { orderKey: "Z" });
  const isNews = (acked: boolean, found: InterimServer) => {
    const move = { before: place, after: { ...place, orderKey: "Z" }, acked, atMs: 0 };
    const history = new Map([
      [id, { created: "elsewhere", text: [], place: [move], deletedAtMs: [] } as const],
    ]);
    const known = { local, history, seen: unseen, hasWrittenOver: () => false };
    return interimSide({ ...found, wasRestored: false }, local, known).isNews(id);
  };

  it("is no news where this device's own changes began with it", () => {
    expect(isNews(false, holding("# One\n", "r/1"))).toBe(false);
  });

  it("is news where the server had those changes, or others wrote to it", () => {
    expect(isNews(true, holding("# One\n", "r/1"))).toBe(true);
    expect(isNews(false, holding("# One\ntheirs\n", "s/1"))).toBe(true);
  });
});

describe("what was written over in the fresh file before", () => {
  const nothingElse = { place: [], deletedAtMs: [] };

  it("is the text that was there", () => {
    const text = [{ before: "old", after: "new", acked: false, atMs: 0 }];
    const here = new Map([[id, { created: "elsewhere", text, ...nothingElse } as const]]);
    const written = writtenOverIn(here, { local: nothing, history: new Map() });
    expect([written(id, "old"), written(id, "new")]).toEqual([true, false]);
    expect(writtenOverIn(new Map(), { local: nothing, history: new Map() })(id, "old")).toBe(false);
  });

  it("is what a note was made of there, and not what a person has written since", () => {
    const born = holding("# One\nmine\ntheirs\n", "r/1").notes.get(id)!;
    const here = new Map([[id, { created: "unacked", born, text: [], ...nothingElse } as const]]);
    const change = { before: "# One\ntaken out by others\n", after: "", acked: false, atMs: 0 };
    const history = new Map([[id, { created: "elsewhere", text: [change], ...nothingElse } as const]]);
    const made = writtenOverIn(here, { local: nothing, history });
    expect(made(id, "# One\ntaken out by others\nmine\n")).toBe(true);
    expect(made(id, "# One\ntaken out by others\nmine\nsince\n")).toBe(false);
    const unchanged = { local: holding("# One\nold\n", "r/1"), history: new Map() };
    expect(writtenOverIn(here, unchanged)(id, "# One\nold\n")).toBe(true);
    expect(writtenOverIn(here, { local: nothing, history: new Map() })(id, "# One\nold\n")).toBe(false);
  });
});

describe("whether what an earlier attempt found need not have grown out of what the server shows now", () => {
  const [had, newer] = [holding("# Had\n", "r/2"), holding("# Newer\n", "s/1")];
  /** The states that were seen, the latest first, where the device brings the first of them. */
  function isBeside(found: InterimServer, states: readonly InterimServer[], wasRestored = false): boolean {
    const age = (note: Note, revision: string) => {
      const at = states.findIndex(
        (each) => each.notes.get(note.id) === note && each.revisions.get(id) === revision,
      );
      return at === -1 ? null : at;
    };
    const seen = { age, has: (note: Note, revision: string) => age(note, revision) !== null };
    const known = { local: had, history: new Map(), seen, hasWrittenOver: () => false };
    return interimSide({ ...found, wasRestored }, had, known).isBeside(id);
  }

  it("is so where the server of that attempt had been restored, or showed what this device had before", () => {
    const earlier = holding("# Earlier\n", "q/1");
    expect(isBeside(newer, [had])).toBe(false);
    expect(isBeside(newer, [had], true)).toBe(true);
    expect(isBeside(earlier, [had, earlier])).toBe(true);
    expect(isBeside(earlier, [earlier, had])).toBe(false);
  });

  it("is so where the same hand wrote it earlier, though nothing is known of it here any more", () => {
    expect(isBeside(holding("# Earlier\n", "r/1"), [had])).toBe(true);
    expect(isBeside(holding("# Later\n", "r/10"), [had])).toBe(false);
  });
});

describe("the revision of a note that is written as it was", () => {
  const note = holding("# One\n", "").notes.get(id)!;
  const other = holding("# Other\n", "s/9").notes.get(id)!;
  const [here, there] = [holding("# One\n", "r/3"), holding("# One\n", "s/5")];

  it("is that of the newest attempt which has it just so, else the one that it has here", () => {
    expect(revisionAsItWas({ note, expect: other }, here, [there])).toBe("s/5");
    expect(revisionAsItWas({ note, expect: other }, here, [holding("# Other\n", "s/5")])).toBe("r/3");
    expect(revisionAsItWas({ note, expect: null }, nothing, [])).toBeUndefined();
  });

  it("is the one that it has here where only the revision is written, whatever an attempt has", () => {
    expect(revisionAsItWas({ note, expect: note }, here, [there])).toBe("r/3");
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
      false,
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
