/**
 * Carries out a changeset on the server's objects, as the client's own applier does on a realm: same checks of
 * types, indices and prior sizes, same silent no-ops. The first instruction that does not fit stops everything; the
 * caller then throws the overlay away.
 */
import {
  type Instruction,
  type ObjectInstruction,
  type Path,
  type PathInstruction,
  type Payload,
  type PrimaryKey,
  samePayload,
} from "../changeset";
import { type Column, extendSchema, isSchemaInstruction, type Schema, type Table } from "../schema/schema";
import type { Document, Node, Scalar } from "./document";
import type { ObjectOverlay } from "./overlay";

export type Applied =
  | {
      readonly kind: "ok";
      readonly schema: Schema;
      /**
       * What clients are to be sent: without instructions that repeat what the schema has already, as every client's
       * first upload does, and with a dictionary entry set before it is removed. A client that is told to remove an
       * entry it does not have (any more) ends its process.
       */
      readonly effective: readonly Instruction[];
    }
  | { readonly kind: "schemaConflict"; readonly message: string }
  | { readonly kind: "badChangeset"; readonly message: string };

class DoesNotApply extends Error {}

export function applyInstructions(
  schema: Schema,
  objects: ObjectOverlay,
  instructions: readonly Instruction[],
): Applied {
  let current = schema;
  const effective: Instruction[] = [];
  try {
    for (const instruction of instructions) {
      if (isSchemaInstruction(instruction)) {
        const change = extendSchema(current, instruction);
        if (change.kind === "conflict") return { kind: "schemaConflict", message: change.message };
        if (!change.isExtended) continue;
        current = change.schema;
      } else {
        effective.push(...applyToObject(current, objects, instruction));
        continue;
      }
      effective.push(instruction);
    }
  } catch (error) {
    if (error instanceof DoesNotApply) return { kind: "badChangeset", message: error.message };
    throw error;
  }
  return { kind: "ok", schema: current, effective };
}

function applyToObject(
  schema: Schema,
  objects: ObjectOverlay,
  instruction: ObjectInstruction,
): readonly Instruction[] {
  const table = topLevelTable(schema, instruction.table, instruction.pk);
  switch (instruction.kind) {
    case "CreateObject":
      objects.create(instruction.table, instruction.pk);
      return [instruction];
    case "EraseObject":
      objects.erase(instruction.table, instruction.pk);
      return [instruction];
    default: {
      const document = objects.edit(instruction.table, instruction.pk);
      if (!document)
        throw new DoesNotApply(`${instruction.kind}: no such object in class ${instruction.table}`);
      const place = placeAt(schema, table, document, instruction);
      applyAtPlace(schema, place, instruction);
      return tolerable(place, instruction);
    }
  }
}

function tolerable(place: Place, instruction: PathInstruction): readonly Instruction[] {
  if (instruction.kind !== "Update" || instruction.value.kind !== "erased") return [instruction];
  const { column } = place;
  const value: Payload = column.type === "link" ? { kind: "null" } : defaultValue(column);
  return [{ ...instruction, value }, instruction];
}

function topLevelTable(schema: Schema, name: string, pk: PrimaryKey): Table {
  const table = schema.get(name);
  if (!table?.primaryKey) throw new DoesNotApply(`no class ${name} with objects of its own`);
  const { type, nullable } = table.primaryKey;
  if (pk.kind === "null" ? !nullable : pk.kind !== type) {
    throw new DoesNotApply(`class ${name} has primary keys of type ${type}, not ${pk.kind}`);
  }
  return table;
}

/** Where an instruction ends up: a field, or an element of a collection, with the column that says what may be there. */
type Place = {
  readonly column: Column;
  readonly name: string;
} & (
  | { readonly kind: "field"; readonly fields: Map<string, Node>; readonly field: string }
  | { readonly kind: "listElement"; readonly items: Node[]; readonly index: number }
  | { readonly kind: "mapEntry"; readonly entries: Map<string, Node>; readonly key: string }
);

function applyAtPlace(schema: Schema, place: Place, instruction: PathInstruction): void {
  switch (instruction.kind) {
    case "Update":
      update(schema, place, instruction.value, instruction.priorSize);
      return;
    case "AddInteger":
      addInteger(place, instruction.value);
      return;
    case "ArrayInsert": {
      const { items, index } = listElement(place, instruction.kind, instruction.priorSize);
      if (index > items.length) throw outOfBounds(place, index);
      items.splice(index, 0, nodeFor(schema, place, instruction.value));
      return;
    }
    case "ArrayMove": {
      const { items, index } = listElement(place, instruction.kind, instruction.priorSize);
      if (index >= items.length) throw outOfBounds(place, index);
      if (instruction.to >= items.length) throw outOfBounds(place, instruction.to);
      if (instruction.to === index) throw new DoesNotApply(`ArrayMove of ${place.name} to the same place`);
      items.splice(instruction.to, 0, ...items.splice(index, 1));
      return;
    }
    case "ArrayErase": {
      const { items, index } = listElement(place, instruction.kind, instruction.priorSize);
      if (index >= items.length) throw outOfBounds(place, index);
      items.splice(index, 1);
      return;
    }
    case "Clear":
      clear(place);
      return;
    case "SetInsert": {
      const items = setItems(place, instruction.kind);
      const value = scalarFor(place, instruction.value);
      if (!items.some((item) => samePayload(item, value))) items.push(value);
      return;
    }
    case "SetErase": {
      const items = setItems(place, instruction.kind);
      const index = items.findIndex((item) => samePayload(item, instruction.value));
      if (index >= 0) items.splice(index, 1);
      return;
    }
  }
}

function placeAt(schema: Schema, table: Table, document: Document, instruction: PathInstruction): Place {
  let fields: Map<string, Node> = document;
  let className = instruction.table;
  let currentTable = table;
  let field = instruction.field;
  let rest: Path = instruction.path;
  for (;;) {
    const name = `${className}.${field}`;
    const column = currentTable.columns.get(field);
    if (!column) throw new DoesNotApply(`${instruction.kind}: no property ${name}`);
    if (rest.length === 0) return { kind: "field", column, name, fields, field };

    let inner: Node | undefined;
    const [step, ...others] = rest;
    switch (column.collection) {
      case "list": {
        if (typeof step !== "number") throw new DoesNotApply(`${name} is a list, its path needs an index`);
        const { items } = collectionNode(fields, field, "list");
        if (others.length === 0) return { kind: "listElement", column, name, items, index: step };
        inner = items[step];
        rest = others;
        break;
      }
      case "dictionary": {
        if (typeof step !== "string") throw new DoesNotApply(`${name} is a dictionary, its path needs a key`);
        const { entries } = collectionNode(fields, field, "map");
        if (others.length === 0) return { kind: "mapEntry", column, name, entries, key: step };
        inner = entries.get(step);
        rest = others;
        break;
      }
      case "set":
        throw new DoesNotApply(`path into the set ${name}`);
      case "single":
        inner = fields.get(field);
    }
    if (inner?.kind !== "embedded")
      throw new DoesNotApply(`path through ${name}, which holds no embedded object`);
    const [nextField, ...afterField] = rest;
    if (typeof nextField !== "string") throw new DoesNotApply(`path into ${name} needs a property`);
    const target = schema.get(column.linkTarget ?? "");
    if (!target) throw new DoesNotApply(`${name} links to a class that is not there`);
    className = column.linkTarget ?? "";
    currentTable = target;
    fields = inner.fields;
    field = nextField;
    rest = afterField;
  }
}

type CollectionNode<Kind extends "list" | "set" | "map"> = Extract<Node, { kind: Kind }>;

/** The collection of a field, made on first use: a collection that was never written is empty. */
function collectionNode<Kind extends "list" | "set" | "map">(
  fields: Map<string, Node>,
  field: string,
  kind: Kind,
): CollectionNode<Kind> {
  const existing = fields.get(field);
  if (existing?.kind === kind) return existing as CollectionNode<Kind>;
  const empty: Node = kind === "map" ? { kind: "map", entries: new Map() } : { kind, items: [] };
  fields.set(field, empty);
  return empty as CollectionNode<Kind>;
}

function update(schema: Schema, place: Place, value: Payload, priorSize: number | undefined): void {
  switch (place.kind) {
    case "field":
      if (place.column.collection !== "single")
        throw new DoesNotApply(`Update of the whole collection ${place.name}`);
      if (value.kind === "object" && place.fields.get(place.field)?.kind === "embedded") return;
      place.fields.set(place.field, nodeFor(schema, place, value));
      return;
    case "listElement":
      if (priorSize !== undefined && priorSize !== place.items.length) throw wrongSize(place, priorSize);
      if (place.index >= place.items.length) throw outOfBounds(place, place.index);
      if (value.kind === "object") return;
      place.items[place.index] = nodeFor(schema, place, value);
      return;
    case "mapEntry":
      if (value.kind === "erased") place.entries.delete(place.key);
      else place.entries.set(place.key, nodeFor(schema, place, value));
  }
}

function addInteger(place: Place, value: bigint): void {
  if (place.kind !== "field" || place.column.collection !== "single") {
    throw new DoesNotApply(`AddInteger inside ${place.name}`);
  }
  const current = place.fields.get(place.field) ?? defaultValue(place.column);
  if (current.kind === "null") return;
  if (current.kind !== "int") throw new DoesNotApply(`AddInteger to ${place.name}, which is no integer`);
  place.fields.set(place.field, { kind: "int", value: BigInt.asIntN(64, current.value + value) });
}

function clear(place: Place): void {
  if (place.kind !== "field") throw new DoesNotApply(`Clear inside ${place.name}`);
  if (place.column.collection === "single")
    throw new DoesNotApply(`Clear of ${place.name}, which is no collection`);
  place.fields.delete(place.field);
}

function listElement(place: Place, kind: string, priorSize: number): Extract<Place, { kind: "listElement" }> {
  if (place.kind !== "listElement") throw new DoesNotApply(`${kind} outside a list, at ${place.name}`);
  if (place.items.length !== priorSize) throw wrongSize(place, priorSize);
  return place;
}

function setItems(place: Place, kind: string): Scalar[] {
  if (place.kind !== "field" || place.column.collection !== "set") {
    throw new DoesNotApply(`${kind} outside a set, at ${place.name}`);
  }
  return collectionNode(place.fields, place.field, "set").items;
}

function nodeFor(schema: Schema, place: Place, value: Payload): Node {
  if (value.kind !== "object") return scalarFor(place, value);
  const { linkTarget } = place.column;
  const target = linkTarget === undefined ? undefined : schema.get(linkTarget);
  if (!target || target.primaryKey)
    throw new DoesNotApply(`embedded object in ${place.name}, which holds none`);
  return { kind: "embedded", fields: new Map() };
}

function scalarFor(place: Place, value: Payload): Scalar {
  const { column, name } = place;
  if (value.kind === "object" || value.kind === "dictionary" || value.kind === "erased") {
    throw new DoesNotApply(`a value of kind ${value.kind} does not belong at ${name}`);
  }
  if (value.kind === "null") {
    if (!column.nullable && column.type !== "mixed")
      throw new DoesNotApply(`null in ${name}, which is required`);
    return value;
  }
  if (column.type === "mixed") return value;
  if (column.type !== value.kind)
    throw new DoesNotApply(`a ${value.kind} in ${name}, which is of type ${column.type}`);
  if (value.kind === "link" && column.linkTarget && value.table !== column.linkTarget) {
    throw new DoesNotApply(`a link to ${value.table} in ${name}, which links to ${column.linkTarget}`);
  }
  return value;
}

/** What a field holds that was never written. */
export function defaultValue(column: Column): Scalar {
  if (column.nullable) return { kind: "null" };
  switch (column.type) {
    case "int":
      return { kind: "int", value: 0n };
    case "bool":
      return { kind: "bool", value: false };
    case "string":
      return { kind: "string", value: "" };
    case "binary":
      return { kind: "binary", bytes: new Uint8Array(0) };
    case "timestamp":
      return { kind: "timestamp", seconds: 0n, nanoseconds: 0 };
    case "float":
    case "double":
      return { kind: column.type, value: 0 };
    case "decimal128": {
      // Zero with exponent zero: the biased exponent 6176 stands 49 bits up in the high word.
      const bytes = new Uint8Array(16);
      new DataView(bytes.buffer).setBigUint64(8, 6176n << 49n, true);
      return { kind: "decimal128", bytes };
    }
    case "objectId":
      return { kind: "objectId", value: "0".repeat(24) };
    case "uuid":
      return { kind: "uuid", value: "00000000-0000-0000-0000-000000000000" };
    default:
      return { kind: "null" };
  }
}

function outOfBounds(place: Place, index: number): DoesNotApply {
  return new DoesNotApply(`index ${index} is outside ${place.name}`);
}

function wrongSize(place: Place, priorSize: number): DoesNotApply {
  const size = place.kind === "listElement" ? place.items.length : 0;
  return new DoesNotApply(`${place.name} has ${size} elements, the changeset expects ${priorSize}`);
}
