import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Realm from "realm";
import { expect, test } from "vitest";
import { readDynamicSymbols } from "./build-realm.mjs";
import { describeRealmBuild, isModuleInPlace } from "./realm-build.mjs";
import { findSymbolViolations } from "./symbol-rules.mjs";

// realm is a CommonJS package that loads its binary when it is required.
const RealmClass = createRequire(import.meta.url)("realm") as typeof Realm;

const noteSchema = {
  name: "Note",
  primaryKey: "_id",
  properties: { _id: "int", text: "string" },
} as const;

test("the module in node_modules is the one that the recipe of this checkout makes", () => {
  expect(isModuleInPlace(describeRealmBuild())).toBe(true);
});

test("the built module opens a realm, writes to it, and reads it back after closing", () => {
  const folder = mkdtempSync(join(tmpdir(), "realm-module-"));
  try {
    const path = join(folder, "notes.realm");
    const writer = new RealmClass({ path, schema: [noteSchema] });
    writer.write(() => writer.create("Note", { _id: 1, text: "grows back" }));
    writer.close();

    const reader = new RealmClass({ path, schema: [noteSchema], readOnly: true });
    const texts = reader.objects<{ text: string }>("Note").filtered("text ENDSWITH 'back'");
    expect(texts.map(({ text }) => text)).toEqual(["grows back"]);
    reader.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the built module encrypts a realm, so its own OpenSSL works", () => {
  const folder = mkdtempSync(join(tmpdir(), "realm-module-"));
  try {
    const path = join(folder, "sealed.realm");
    const encryptionKey = new Uint8Array(64).fill(7);
    const writer = new RealmClass({ path, schema: [noteSchema], encryptionKey });
    writer.write(() => writer.create("Note", { _id: 1, text: "sealed" }));
    writer.close();

    expect(() => new RealmClass({ path, schema: [noteSchema], readOnly: true })).toThrow();
    const reader = new RealmClass({ path, schema: [noteSchema], readOnly: true, encryptionKey });
    expect(reader.objectForPrimaryKey<{ text: string }>("Note", 1)?.text).toBe("sealed");
    reader.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the built module takes nothing from its host but Node's own interfaces, and shows nothing but its entry points", () => {
  expect(findSymbolViolations(readDynamicSymbols(describeRealmBuild().moduleInPlace))).toEqual([]);
});
