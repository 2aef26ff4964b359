import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import { idOf, type NoteObject, readNotes, uuidOf } from "./note-objects";
import { Realm } from "./realm";
import { noteSchema } from "./schema";

const ids = [
  "00000000-0000-4000-8000-000000000000",
  "ffffffff-ffff-5fff-bfff-ffffffffffff",
  "01234567-89ab-5cde-8f01-23456789abcd",
] as NoteId[];

function realmWith(...texts: string[]): Realm {
  const path = join(mkdtempSync(join(tmpdir(), "perennial-notes-")), "notes.realm");
  const realm = new Realm({ path, schema: [noteSchema] });
  realm.write(() => {
    for (const [index, text] of texts.entries()) {
      realm.create("Note", {
        _id: uuidOf(ids[index]!),
        text,
        isRoot: index === 0,
        owner_id: "me",
        orderKey: "V",
        parentId: index === 0 ? null : uuidOf(ids[0]!),
        revision: `of-${index}`,
      } as never);
    }
  });
  return realm;
}

describe("ids", () => {
  it("are spelled as they were given, each byte in its place", () => {
    const realm = realmWith("a", "b", "c");
    const read = [...realm.objects<NoteObject>("Note")].map(idOf);
    expect(read.toSorted()).toEqual(ids.toSorted());
    realm.close();
  });
});

describe("reading all notes", () => {
  it("answers the very objects that are known already, where nothing of them differs", () => {
    const realm = realmWith("# Top", "same", "as it was");
    const known = readNotes(realm);
    realm.write(() => {
      realm.objectForPrimaryKey<NoteObject>("Note", uuidOf(ids[2]!))!.text = "another";
    });
    const { notes, revisions } = readNotes(realm, known);
    expect(notes.get(ids[0]!)).toBe(known.notes.get(ids[0]!));
    expect(notes.get(ids[1]!)).toBe(known.notes.get(ids[1]!));
    expect(notes.get(ids[2]!)).toEqual({ ...known.notes.get(ids[2]!), text: "another" });
    expect(known.notes.get(ids[2]!)?.text).toBe("as it was");
    expect([...revisions.values()].toSorted()).toEqual(["of-0", "of-1", "of-2"]);
    realm.close();
  });

  it("takes no note with children for one that is known without, and the other way round", () => {
    const realm = realmWith("# Top", "child");
    const known = readNotes(realm);
    realm.write(() => {
      const child = realm.objectForPrimaryKey<NoteObject>("Note", uuidOf(ids[1]!))!;
      child.parentId = null;
      realm.objectForPrimaryKey<NoteObject>("Note", uuidOf(ids[0]!))!.children!.push(child);
    });
    const adopted = readNotes(realm, known);
    expect(adopted.notes.get(ids[0]!)?.childIds).toEqual([ids[1]]);
    realm.write(() => {
      realm.objectForPrimaryKey<NoteObject>("Note", uuidOf(ids[0]!))!.children!.pop();
    });
    expect(readNotes(realm, adopted).notes.get(ids[0]!)?.childIds).toEqual([]);
    realm.close();
  });
});
