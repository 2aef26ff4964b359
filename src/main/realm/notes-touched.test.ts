import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import { type NoteObject, readNotes, uuidOf } from "./note-objects";
import { differenceTo } from "./notes-touched";
import { Realm } from "./realm";
import { noteSchema } from "./schema";

const idOfNumber = (number: number) => `00000000-0000-4000-8000-00000000000${number}` as NoteId;

it("names each note of which anything is another, whatever its revision says, and each that is gone", () => {
  const path = join(mkdtempSync(join(tmpdir(), "perennial-touched-")), "notes.realm");
  const realm = new Realm({ path, schema: [noteSchema] });
  const objectOf = (number: number) =>
    realm.objectForPrimaryKey<NoteObject>("Note", uuidOf(idOfNumber(number)))!;
  realm.write(() => {
    for (let number = 0; number < 7; number += 1) {
      realm.create("Note", {
        _id: uuidOf(idOfNumber(number)),
        text: `# ${number}`,
        isRoot: number === 0,
        owner_id: "me",
        orderKey: "V",
        parentId: number === 0 ? null : uuidOf(idOfNumber(0)),
        revision: "r",
      } as never);
    }
  });
  const read = readNotes(realm);
  const notes = realm.objects<NoteObject>("Note");
  expect(differenceTo(read, notes)).toEqual({ upserted: [], removed: [] });
  realm.write(() => {
    objectOf(1).text = "# another";
    objectOf(2).orderKey = "W";
    objectOf(3).parentId = uuidOf(idOfNumber(1));
    objectOf(4).revision = "s";
    objectOf(5).deletedAt = new Date(5);
    realm.delete(objectOf(6));
  });
  const { upserted, removed } = differenceTo(read, notes);
  expect(upserted.map(({ note }) => note.id).toSorted()).toEqual([1, 2, 3, 4, 5].map(idOfNumber));
  expect(upserted.find(({ note }) => note.id === idOfNumber(3))?.note.parentId).toBe(idOfNumber(1));
  expect(removed).toEqual([idOfNumber(6)]);
  realm.close();
});
