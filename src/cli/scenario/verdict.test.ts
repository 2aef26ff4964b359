import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import { type Ending, judge } from "./verdict";

const root = "00000000-0000-4000-8000-000000000000";
const shopping = "00000000-0000-4000-8000-000000000001";
const copy = "00000000-0000-4000-8000-000000000002";

function note(id: string, text: string, change: Partial<Note> = {}): [string, Note] {
  const place = id === root ? { isRoot: true, parentId: null } : { isRoot: false, parentId: root as NoteId };
  const rest = { orderKey: "V", childIds: [], deletedAtMs: null, lastUpdatedMs: null };
  return [id, { id: id as NoteId, text, ...place, ...rest, ...change }];
}

function ending(change: Partial<Ending>): Ending {
  const server = new Map([note(root, "Notes"), note(shopping, "milk\nmine1\nours2")]);
  return {
    protocol: {
      words: [
        { word: "mine1", by: "laptop", noteId: shopping, stage: 1 },
        { word: "ours2", by: "phone", noteId: shopping, stage: 1 },
      ],
      trashed: [],
      moved: [],
    },
    imported: new Map([note(shopping, "milk")]),
    server,
    replicas: new Map([["laptop", server]]),
    copies: new Map(),
    recoveredFirst: "phone",
    ...change,
  };
}

const clean = { lost: 0, overwritten: 0, resurrected: 0, orphans: 0, duplicates: 0, converged: true };

describe("the verdict", () => {
  it("finds nothing wrong where everything is there", () => {
    expect(judge(ending({}))).toEqual({ ...clean, findings: [] });
  });

  it("counts a typed word that is nowhere as lost, and an imported line too", () => {
    const server = new Map([note(root, "Notes"), note(shopping, "ours2")]);
    expect(judge(ending({ server, replicas: new Map() }))).toMatchObject({ ...clean, lost: 2 });
  });

  it("counts a word of the first to recover that is only in a copy as overwritten", () => {
    const server = new Map([note(root, "Notes"), note(shopping, "milk\nmine1"), note(copy, "ours2")]);
    const copies = new Map([[copy, shopping]]);
    expect(judge(ending({ server, copies, replicas: new Map() }))).toMatchObject({
      ...clean,
      overwritten: 1,
    });
  });

  it("counts a trashed note that is live again as resurrected", () => {
    const protocol = {
      words: [],
      trashed: [{ noteId: shopping, by: "laptop", stage: 1 }],
      moved: [],
    };
    expect(judge(ending({ protocol, replicas: new Map() }))).toMatchObject({ ...clean, resurrected: 1 });
  });

  it("counts a note that nobody reaches as an orphan", () => {
    const server = new Map([
      note(root, "Notes"),
      note(shopping, "milk\nmine1\nours2", { parentId: copy as NoteId }),
    ]);
    expect(judge(ending({ server, replicas: new Map() }))).toMatchObject({ ...clean, orphans: 1 });
  });

  it("counts a word in a second note, or in the same line twice, as a duplicate", () => {
    const text = "milk\nmine1\nours2";
    const second = new Map([note(root, "Notes"), note(shopping, text), note(copy, "mine1")]);
    expect(judge(ending({ server: second, replicas: new Map() }))).toMatchObject({ ...clean, duplicates: 1 });
    const twice = new Map([note(root, "Notes"), note(shopping, `${text}\nours2`)]);
    expect(judge(ending({ server: twice, replicas: new Map() }))).toMatchObject({ ...clean, duplicates: 1 });
  });

  it("says where a replica differs from the server", () => {
    const replicas = new Map([["laptop", new Map([note(root, "Notes"), note(shopping, "milk")])]]);
    const { converged, findings } = judge(ending({ replicas }));
    expect(converged).toBe(false);
    expect(findings).toEqual([`laptop differs from the server: ${shopping}.text`]);
  });
});
