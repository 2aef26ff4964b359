/** A query over the objects of one class, ready to be asked of an object by its key and its recorded fields. */
import type { Payload, PrimaryKey } from "../changeset";
import type { Table } from "../schema/schema";
import { type Fields, fieldsOf, matches, type Query } from "./query";

export type Filter = {
  readonly query: Query;
  /** Set when the query reads the primary key, which is no field of its own. */
  readonly keyField?: string;
  /** Without the primary key. */
  readonly fields: ReadonlySet<string>;
};

/** @param query checked against the table */
export function filterOf(query: Query, table: Table): Filter {
  const fields = fieldsOf(query);
  const keyField = table.primaryKey?.field;
  const readsKey = keyField !== undefined && fields.delete(keyField);
  return { query, fields, ...(readsKey && { keyField }) };
}

export function passes({ query, keyField }: Filter, pk: PrimaryKey, fields: Fields): boolean {
  if (keyField === undefined) return matches(query, fields);
  return matches(query, new Map<string, Payload>(fields).set(keyField, keyValue(pk)));
}

/** The one text the field must have for the query to hold; undefined when there is no such text. */
export function requiredText(query: Query, field: string): string | undefined {
  switch (query.kind) {
    case "and":
      for (const term of query.terms) {
        const text = requiredText(term, field);
        if (text !== undefined) return text;
      }
      return undefined;
    case "compare": {
      const { operator, left, right, ignoreCase } = query;
      if (operator !== "==" || ignoreCase) return undefined;
      return textBeside(left, right, field) ?? textBeside(right, left, field);
    }
    default:
      return undefined;
  }
}

type Operand = Extract<Query, { kind: "compare" }>["left"];

function textBeside(side: Operand, other: Operand, field: string): string | undefined {
  const isField = side.kind === "field" && side.name === field;
  return isField && other.kind === "value" && other.value.kind === "string" ? other.value.value : undefined;
}

function keyValue(pk: PrimaryKey): Payload {
  return pk.kind === "globalKey" ? { kind: "null" } : pk;
}
