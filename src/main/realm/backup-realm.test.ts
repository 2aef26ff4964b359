import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readBackupFields } from "./backup-realm";
import { Realm } from "./realm";
import { noteSchema } from "./schema";

function fileWith(...schema: Realm.ObjectSchema[]): string {
  const path = join(mkdtempSync(join(tmpdir(), "perennial-fields-")), "notes.realm");
  new Realm({ path, schema }).close();
  return path;
}

describe("the fields of a file's notes", () => {
  it("are read from the file alone, in the short notation of the schema", () => {
    expect(Object.fromEntries(readBackupFields(fileWith(noteSchema))!)).toEqual(noteSchema.properties);
  });

  it("show a field that this version does not know, and one of another type", () => {
    const properties = { ...noteSchema.properties, colour: "string?", text: "int" };
    expect(Object.fromEntries(readBackupFields(fileWith({ ...noteSchema, properties }))!)).toEqual(
      properties,
    );
  });

  it("are not known where the file has no notes or is no realm", () => {
    expect(readBackupFields(fileWith({ name: "Other", properties: { n: "int" } }))).toBeNull();
    const path = join(mkdtempSync(join(tmpdir(), "perennial-fields-")), "notes.realm");
    writeFileSync(path, "no realm");
    expect(readBackupFields(path)).toBeNull();
  });
});
