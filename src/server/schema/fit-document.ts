/**
 * Brings an object into another schema: values that fit are kept as they are, the others are taken out, and said to
 * be. Pure. Nothing is converted: a value either means the same under the new type, or it goes into the export.
 */
import type { Document, Node } from "../object/document";
import type { Column, Schema, Table } from "./schema";

export type FittedDocument = {
  readonly document: Document;
  /** By property, dots in between for embedded objects. Values that say nothing (null) are not named. */
  readonly dropped: ReadonlyMap<string, Node>;
};

export function fitDocument(document: Document, table: Table, schema: Schema): FittedDocument {
  const dropped = new Map<string, Node>();
  return { document: fitFields(document, table, schema, "", dropped), dropped };
}

function fitFields(
  fields: ReadonlyMap<string, Node>,
  table: Table,
  schema: Schema,
  at: string,
  dropped: Map<string, Node>,
): Map<string, Node> {
  const kept = new Map<string, Node>();
  for (const [field, node] of fields) {
    const column = table.columns.get(field);
    const fitted = column && fitNode(node, column, schema, `${at}${field}`, dropped);
    if (fitted) kept.set(field, fitted);
    else if (node.kind !== "null") dropped.set(`${at}${field}`, node);
  }
  return kept;
}

function fitNode(
  node: Node,
  column: Column,
  schema: Schema,
  at: string,
  dropped: Map<string, Node>,
): Node | undefined {
  const inner = (item: Node, place: string): Node | undefined =>
    fitValue(item, column, schema, place, dropped);
  switch (column.collection) {
    case "single":
      return inner(node, at);
    case "list": {
      if (node.kind !== "list") return undefined;
      const items = node.items.map((item, index) => inner(item, `${at}.${index}`));
      return items.every((item) => item !== undefined) ? { kind: "list", items } : undefined;
    }
    case "set":
      return node.kind === "set" && node.items.every((item) => inner(item, at)) ? node : undefined;
    case "dictionary": {
      if (node.kind !== "map") return undefined;
      const entries = [...node.entries].map(([key, item]) => [key, inner(item, `${at}.${key}`)] as const);
      if (entries.some(([, item]) => item === undefined)) return undefined;
      return { kind: "map", entries: new Map(entries as [string, Node][]) };
    }
  }
}

function fitValue(
  node: Node,
  column: Column,
  schema: Schema,
  at: string,
  dropped: Map<string, Node>,
): Node | undefined {
  switch (node.kind) {
    case "list":
    case "set":
    case "map":
      return undefined;
    case "embedded": {
      const target = schema.get(column.linkTarget ?? "");
      if (!target || target.primaryKey) return undefined;
      return { kind: "embedded", fields: fitFields(node.fields, target, schema, `${at}.`, dropped) };
    }
    case "null":
      return column.nullable ? node : undefined;
    case "link": {
      const isRightClass = column.type === "mixed" || column.linkTarget === node.table;
      const key = schema.get(node.table)?.primaryKey;
      const isKey = key && (node.pk.kind === "null" ? key.nullable : node.pk.kind === key.type);
      return isRightClass && isKey ? node : undefined;
    }
    default:
      return column.type === "mixed" || column.type === node.kind ? node : undefined;
  }
}
