/**
 * A query against the schema: every field must exist and be of a type that can be queried, every comparison must make
 * sense, and literals take the type of the field they meet. What passes here means the same on server and client.
 */
import type { ColumnType, Payload } from "../changeset";
import type { Table } from "../schema/schema";
import type { ParsedQuery } from "./parse";
import type { Operand, Query } from "./query";
import { BadQuery } from "./tokens";

const queryableTypes: ReadonlySet<ColumnType> = new Set<ColumnType>([
  "int",
  "bool",
  "string",
  "timestamp",
  "float",
  "double",
  "objectId",
  "uuid",
]);

export function checkQuery(query: Query, className: string, table: Table): ParsedQuery {
  try {
    return { kind: "ok", query: new Checker(className, table).query(query) };
  } catch (error) {
    if (error instanceof BadQuery) return { kind: "bad", message: error.message };
    throw error;
  }
}

class Checker {
  readonly #className: string;
  readonly #table: Table;

  constructor(className: string, table: Table) {
    this.#className = className;
    this.#table = table;
  }

  query(query: Query): Query {
    switch (query.kind) {
      case "constant":
        return query;
      case "and":
      case "or":
        return { kind: query.kind, terms: query.terms.map((term) => this.query(term)) };
      case "not":
        return { kind: "not", term: this.query(query.term) };
      case "in": {
        const type = this.#typeOf(query.left);
        if (!type) throw new BadQuery("a list must be compared with a field");
        if (query.ignoreCase && type !== "string") throw new BadQuery("[c] is for strings");
        return { ...query, values: query.values.map((value) => this.#adapted(value, type)) };
      }
      case "compare":
        return this.#compare(query);
    }
  }

  #compare(query: Extract<Query, { kind: "compare" }>): Query {
    const leftType = this.#typeOf(query.left);
    const rightType = this.#typeOf(query.right);
    const type = leftType ?? rightType;
    if (!type) throw new BadQuery("a comparison without a field");
    if (leftType && rightType && leftType !== rightType && !(isNumeric(leftType) && isNumeric(rightType))) {
      throw new BadQuery(`fields of type ${leftType} and ${rightType} cannot be compared`);
    }
    const left = this.#adaptedOperand(query.left, type);
    const right = this.#adaptedOperand(query.right, type);
    if (query.ignoreCase && type !== "string") throw new BadQuery("[c] is for strings");
    switch (query.operator) {
      case "==":
      case "!=":
        break;
      case "<":
      case "<=":
      case ">":
      case ">=":
        if (type === "string" || type === "bool") {
          throw new BadQuery(`${query.operator} is not supported for fields of type ${type}`);
        }
        if (isNull(left) || isNull(right)) throw new BadQuery(`${query.operator} against null`);
        break;
      default:
        if (type !== "string") throw new BadQuery(`${query.operator} is for strings`);
        if (isNull(left) || isNull(right)) throw new BadQuery(`${query.operator} against null`);
    }
    return { ...query, left, right };
  }

  #typeOf(operand: Operand): ColumnType | undefined {
    if (operand.kind === "value") return undefined;
    const { name } = operand;
    const key = this.#table.primaryKey;
    if (key?.field === name) return key.type;
    const column = this.#table.columns.get(name);
    if (!column) throw new BadQuery(`class ${this.#className} has no property "${name}"`);
    if (column.collection !== "single" || !queryableTypes.has(column.type)) {
      const what = column.collection === "single" ? column.type : column.collection;
      throw new BadQuery(`"${name}" cannot be queried: it is of type ${what}`);
    }
    return column.type;
  }

  #adaptedOperand(operand: Operand, type: ColumnType): Operand {
    return operand.kind === "value" ? { kind: "value", value: this.#adapted(operand.value, type) } : operand;
  }

  #adapted(value: Payload, type: ColumnType): Payload {
    if (value.kind === "null" || value.kind === type) return value;
    if (isNumeric(type) && (value.kind === "int" || value.kind === "double")) {
      // The client narrows a literal to the field's own precision before it compares.
      return type === "float" ? { kind: "float", value: Math.fround(Number(value.value)) } : value;
    }
    throw new BadQuery(`a field of type ${type} is compared with a value of type ${value.kind}`);
  }
}

function isNumeric(type: ColumnType): boolean {
  return type === "int" || type === "float" || type === "double";
}

function isNull(operand: Operand): boolean {
  return operand.kind === "value" && operand.value.kind === "null";
}
