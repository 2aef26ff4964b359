// The fields that the notes of a file have, from its own schema.

import type { Fields } from "../../shared/recovery/strategies/schema-break";
import { noteSchema } from "./schema";

/** Null where the file has no notes at all. */
export function noteFieldsOf(schema: readonly Realm.ObjectSchema[]): Fields | null {
  const note = schema.find(({ name }) => name === noteSchema.name);
  if (note === undefined) return null;
  return new Map(Object.entries(note.properties).map(([name, property]) => [name, typeOf(property)]));
}

function typeOf(property: Realm.ObjectSchemaProperty | string): string {
  if (typeof property === "string") return property;
  const { type, objectType = "", optional } = property;
  const marks: Readonly<Record<string, string>> = { list: "[]", set: "<>", dictionary: "{}" };
  const mark = marks[type];
  if (mark !== undefined) return `${objectType}${mark}`;
  return `${type === "object" ? objectType : type}${optional === true && type !== "object" ? "?" : ""}`;
}
