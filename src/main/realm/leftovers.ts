// What a safety copy holds that has no place in this version's notes: fields that `Note` does not have here, and
// objects of other classes. Kept word for word, as plain values, so that no version ever loses what another wrote.

import { isDeepStrictEqual } from "node:util";
import { chooseRules, mapValues, type Plain } from "../../shared/recovery/field-map";
import type { Sealing } from "../sealed-file";
import { openForReading } from "./backup-realm";
import { noteFieldsOf } from "./note-fields";
import type { NoteObject } from "./note-objects";
import { plainFields, plainObject } from "./plain-values";
import { noteSchema } from "./schema";

export type Leftovers = {
  /** By note, and then by field. */
  readonly fields: Readonly<Record<string, Readonly<Record<string, Plain>>>>;
  /** By class: every object, with all of its fields. */
  readonly objects: Readonly<Record<string, readonly Plain[]>>;
};

/** Null where everything has a place, or where the copy cannot be read: that is said elsewhere. */
export function readLeftovers(path: string, sealing: Sealing): Leftovers | null {
  const read = openForReading(path, sealing, (realm) => ({ kind: "ok" as const, leftovers: collect(realm) }));
  return read.kind === "ok" ? read.leftovers : null;
}

function collect(realm: Realm): Leftovers | null {
  const fields: Record<string, Record<string, Plain>> = {};
  const objects: Record<string, Plain[]> = {};
  for (const schema of realm.schema) {
    if (schema.embedded === true) continue;
    if (schema.name === noteSchema.name) {
      const chosen = chooseRules(noteFieldsOf(realm.schema) ?? new Map());
      const used = new Set(
        [...chosen.values()].filter(({ kind }) => kind === "current").map(({ from }) => from),
      );
      const others = Object.keys(schema.properties).filter((name) => !used.has(name));
      if (others.length === 0) continue;
      for (const object of realm.objects<NoteObject>(schema.name)) {
        const { kept } = mapValues(plainFields(object, others), chosen);
        if (Object.keys(kept).length > 0) fields[String(object._id)] = kept;
      }
    } else {
      const all = realm.objects(schema.name);
      if (all.length > 0) objects[schema.name] = all.map((object) => plainObject(object));
    }
  }
  return isNothing({ fields, objects }) ? null : { fields, objects };
}

/** What is in `found` and not the same in `elsewhere`, as the server sends what other versions have written. */
export function notIn(elsewhere: Leftovers | null, found: Leftovers): Leftovers | null {
  if (elsewhere === null) return found;
  const fields: Record<string, Record<string, Plain>> = {};
  for (const [id, values] of Object.entries(found.fields)) {
    const own = Object.entries(values).filter(
      ([name, value]) => !isDeepStrictEqual(value, elsewhere.fields[id]?.[name]),
    );
    if (own.length > 0) fields[id] = Object.fromEntries(own);
  }
  const objects: Record<string, readonly Plain[]> = {};
  for (const [name, all] of Object.entries(found.objects)) {
    const there = elsewhere.objects[name] ?? [];
    const own = all.filter((object) => !there.some((each) => isDeepStrictEqual(each, object)));
    if (own.length > 0) objects[name] = own;
  }
  return isNothing({ fields, objects }) ? null : { fields, objects };
}

function isNothing({ fields, objects }: Leftovers): boolean {
  return Object.keys(fields).length === 0 && Object.keys(objects).length === 0;
}
