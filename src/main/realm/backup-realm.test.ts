import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { plainSealing } from "../sealed-file";
import { readBackupFields, readBackupRealm } from "./backup-realm";
import { readLeftovers } from "./leftovers";
import { Realm } from "./realm";
import { noteSchema } from "./schema";

function fileWith(...schema: Realm.ObjectSchema[]): string {
  const path = join(mkdtempSync(join(tmpdir(), "perennial-fields-")), "notes.realm");
  new Realm({ path, schema }).close();
  return path;
}

describe("the fields of a file's notes", () => {
  it("are read from the file alone, in the short notation of the schema", () => {
    expect(Object.fromEntries(readBackupFields(fileWith(noteSchema), plainSealing)!)).toEqual(
      noteSchema.properties,
    );
  });

  it("show a field that this version does not know, and one of another type", () => {
    const properties = { ...noteSchema.properties, colour: "string?", text: "int" };
    expect(
      Object.fromEntries(readBackupFields(fileWith({ ...noteSchema, properties }), plainSealing)!),
    ).toEqual(properties);
  });

  it("are not known where the file has no notes or is no realm", () => {
    expect(readBackupFields(fileWith({ name: "Other", properties: { n: "int" } }), plainSealing)).toBeNull();
    const path = join(mkdtempSync(join(tmpdir(), "perennial-fields-")), "notes.realm");
    writeFileSync(path, "no realm");
    expect(readBackupFields(path, plainSealing)).toBeNull();
  });
});

describe("the notes of a file with another schema", () => {
  it("are read by the table of old names and types, and what it does not know is left over", () => {
    const path = join(mkdtempSync(join(tmpdir(), "perennial-fields-")), "notes.realm");
    const properties = {
      _id: "string",
      text: "string[]",
      isRoot: "int",
      parent: "Note?",
      changedAt: "date?",
      deletedAt: "bool",
    };
    const realm = new Realm({ path, schema: [{ name: "Note", primaryKey: "_id", properties }] });
    const top = "6d0dd2c5-3b3c-4b7e-9d4f-1f9f0d8f7a10";
    const under = "0a1dd2c5-3b3c-4b7e-9d4f-1f9f0d8f7a11";
    realm.write(() => {
      const root = realm.create("Note", { _id: top, text: ["# Top"], isRoot: 1, deletedAt: false });
      const fields = { _id: under, text: ["# Milk", "two"], isRoot: 3, parent: root, deletedAt: true };
      realm.create("Note", { ...fields, changedAt: new Date(5) });
    });
    realm.close();
    const read = readBackupRealm(path, plainSealing);
    if (read.kind === "unreadable") throw new Error(read.message);
    const rest = { orderKey: "", childIds: [], deletedAtMs: null };
    expect([...read.notes.values()]).toEqual([
      { ...rest, id: top, text: "# Top", isRoot: true, parentId: null, lastUpdatedMs: null },
      { ...rest, id: under, text: "# Milk\ntwo", isRoot: false, parentId: top, lastUpdatedMs: 5 },
    ]);
    expect(readLeftovers(path, plainSealing)?.fields).toEqual({
      [top]: { deletedAt: false },
      [under]: { isRoot: 3, deletedAt: true },
    });
  });

  it("are not read where the text cannot be told", () => {
    const properties = { ...noteSchema.properties, text: "data" };
    const path = fileWith({ ...noteSchema, properties });
    expect(readBackupRealm(path, plainSealing)).toMatchObject({
      kind: "unreadable",
      message: expect.stringContaining("'text'"),
    });
  });
});
