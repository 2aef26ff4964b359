/** Every object against its class: keys, fields, types, and the classes that links lead to. */
import { type PrimaryKey, samePayload } from "../changeset";
import type { Document, Node } from "../object/document";
import { fitDocument } from "../schema/fit-document";
import type { PrimaryKeyColumn, Schema, Table } from "../schema/schema";
import type { Problem, Storage } from "../storage/storage";

export function* objectProblems(storage: Storage): Generator<Problem> {
  const schema = storage.schema();
  let known = 0;
  for (const [className, table] of schema) {
    yield* tableProblems(schema, className, table);
    for (const { pk, document } of storage.objects(className)) {
      known += 1;
      const where = `object ${className} ${keyText(pk)}`;
      for (const what of problemsOf(schema, table, pk, document)) yield { where, what };
    }
  }
  const unknown = storage.objectCount() - known;
  if (unknown > 0)
    yield { where: "objects", what: `${unknown} belong to classes that the schema does not have` };
}

function* tableProblems(schema: Schema, className: string, table: Table): Generator<Problem> {
  for (const [field, { linkTarget }] of table.columns) {
    if (linkTarget === undefined || schema.has(linkTarget)) continue;
    yield { where: `schema ${className}.${field}`, what: `links to class ${linkTarget}, which is not there` };
  }
}

function* problemsOf(schema: Schema, table: Table, pk: PrimaryKey, document: Document): Generator<string> {
  const key = table.primaryKey;
  if (!key) yield "belongs to an embedded class, which has no objects of its own";
  else if (!isKeyOf(key, pk)) yield `has a key of type ${pk.kind} instead of ${key.type}`;
  for (const field of document.keys()) {
    if (!table.columns.has(field)) yield `has a field ${field} that its class does not have`;
  }
  for (const [place, node] of fitDocument(document, table, schema).dropped) {
    if (table.columns.has(place))
      yield `field ${place} holds a value of type ${node.kind}, which does not fit`;
    else if (place.includes(".")) yield `field ${place} does not fit its class`;
  }
  for (const [field, node] of document) {
    if (node.kind === "set" && hasDuplicate(node)) yield `set ${field} holds a value twice`;
  }
}

function isKeyOf({ type, nullable }: PrimaryKeyColumn, pk: PrimaryKey): boolean {
  return pk.kind === "null" ? nullable : pk.kind === type;
}

function hasDuplicate({ items }: Extract<Node, { kind: "set" }>): boolean {
  // By their looks first: comparing each with each would take for ever.
  const seen = new Map<string, (typeof items)[number][]>();
  for (const item of items) {
    const looks = `${item.kind}${"value" in item ? String(item.value) : ""}`;
    const alike = seen.get(looks) ?? [];
    if (alike.some((other) => samePayload(other, item))) return true;
    seen.set(looks, [...alike, item]);
  }
  return false;
}

function keyText(pk: PrimaryKey): string {
  return pk.kind === "null" ? "null" : pk.kind === "globalKey" ? `${pk.hi}-${pk.lo}` : String(pk.value);
}
