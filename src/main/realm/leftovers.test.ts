import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { plainSealing } from "../sealed-file";
import { notIn, readLeftovers } from "./leftovers";
import { Realm } from "./realm";
import { noteSchema } from "./schema";

const id = "6d0dd2c5-3b3c-4b7e-9d4f-1f9f0d8f7a10";

/** A file as a newer version of Perennial might leave it. */
function newerFile(mood: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "perennial-leftovers-")), "newer.realm");
  const note = {
    ...noteSchema,
    properties: { ...noteSchema.properties, mood: "string?", tags: "Tag[]", scan: "data?" },
  };
  const tag = { name: "Tag", primaryKey: "_id", properties: { _id: "string", since: "date", of: "Note?" } };
  const realm = new Realm({ path, schema: [note, tag] });
  realm.write(() => {
    const key = new Realm.BSON.UUID(id);
    const object = realm.create("Note", {
      _id: key,
      text: "milk",
      isRoot: true,
      owner_id: "u",
      mood,
      scan: new Uint8Array([1, 2, 3]).buffer,
    });
    const made = realm.create("Tag", { _id: "urgent", since: new Date(0), of: object as never });
    (object as unknown as { tags: Realm.List<unknown> }).tags.push(made);
    realm.create("Note", { _id: new Realm.BSON.UUID(), text: "plain", isRoot: false, owner_id: "u" });
  });
  realm.close();
  return path;
}

describe("what has no place in a note", () => {
  it("is kept word for word: fields by note, other classes by object, links by key", () => {
    expect(readLeftovers(newerFile("glad"), plainSealing)).toEqual({
      fields: { [id]: { mood: "glad", tags: [{ class: "Tag", key: "urgent" }], scan: "AQID" } },
      objects: {
        Tag: [{ _id: "urgent", since: "1970-01-01T00:00:00.000Z", of: { class: "Note", key: id } }],
      },
    });
  });

  it("is nothing where everything has its place", () => {
    const path = join(mkdtempSync(join(tmpdir(), "perennial-leftovers-")), "ours.realm");
    new Realm({ path, schema: [noteSchema] }).close();
    expect(readLeftovers(path, plainSealing)).toBeNull();
  });

  it("leaves out what the server has as well", () => {
    const found = readLeftovers(newerFile("glad"), plainSealing);
    if (found === null) throw new Error("the newer file has leftovers");
    expect(notIn(found, found)).toBeNull();
    expect(notIn(null, found)).toBe(found);
    const elsewhere = readLeftovers(newerFile("sad"), plainSealing);
    expect(notIn(elsewhere, found)).toEqual({ fields: { [id]: { mood: "glad" } }, objects: {} });
  });
});
