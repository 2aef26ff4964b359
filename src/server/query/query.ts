/**
 * The queries a flexible-sync subscription may hold, as values, and what they say about one object. Text becomes a
 * query in parse.ts, check.ts compares it with the schema; evaluating never fails.
 */
import type { Payload } from "../changeset";

export type Operand =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "value"; readonly value: Payload };

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";
export type StringOperation = "BEGINSWITH" | "ENDSWITH" | "CONTAINS" | "LIKE";

export type Query =
  | { readonly kind: "constant"; readonly value: boolean }
  | { readonly kind: "and"; readonly terms: readonly Query[] }
  | { readonly kind: "or"; readonly terms: readonly Query[] }
  | { readonly kind: "not"; readonly term: Query }
  | {
      readonly kind: "compare";
      readonly operator: Comparison | StringOperation;
      readonly left: Operand;
      readonly right: Operand;
      readonly ignoreCase: boolean;
    }
  | {
      readonly kind: "in";
      readonly left: Operand;
      readonly values: readonly Payload[];
      readonly ignoreCase: boolean;
    };

/** The fields of one object that queries read. A field that is not there reads as null. */
export type Fields = ReadonlyMap<string, Payload>;

export function matches(query: Query, fields: Fields): boolean {
  switch (query.kind) {
    case "constant":
      return query.value;
    case "and":
      return query.terms.every((term) => matches(term, fields));
    case "or":
      return query.terms.some((term) => matches(term, fields));
    case "not":
      return !matches(query.term, fields);
    case "in": {
      const value = read(query.left, fields);
      return query.values.some((candidate) => isEqual(value, candidate, query.ignoreCase));
    }
    case "compare":
      return compare(query.operator, read(query.left, fields), read(query.right, fields), query.ignoreCase);
  }
}

/** Every field the query reads. */
export function fieldsOf(query: Query): Set<string> {
  const names = new Set<string>();
  const visit = (part: Query): void => {
    switch (part.kind) {
      case "constant":
        return;
      case "and":
      case "or":
        for (const term of part.terms) visit(term);
        return;
      case "not":
        visit(part.term);
        return;
      case "in":
        if (part.left.kind === "field") names.add(part.left.name);
        return;
      case "compare":
        for (const operand of [part.left, part.right]) {
          if (operand.kind === "field") names.add(operand.name);
        }
    }
  };
  visit(query);
  return names;
}

function read(operand: Operand, fields: Fields): Payload {
  return operand.kind === "value" ? operand.value : (fields.get(operand.name) ?? { kind: "null" });
}

function compare(
  operator: Comparison | StringOperation,
  left: Payload,
  right: Payload,
  ignoreCase: boolean,
): boolean {
  switch (operator) {
    case "==":
      return isEqual(left, right, ignoreCase);
    case "!=":
      return !isEqual(left, right, ignoreCase);
    case "BEGINSWITH":
    case "ENDSWITH":
    case "CONTAINS":
    case "LIKE":
      return stringOperation(operator, left, right, ignoreCase);
  }
  const order = orderOf(left, right);
  if (order === undefined) return false;
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

function isEqual(a: Payload, b: Payload, ignoreCase: boolean): boolean {
  if (a.kind === "null" || b.kind === "null") return a.kind === b.kind;
  if (a.kind === "string" && b.kind === "string") {
    return ignoreCase ? a.value.toLowerCase() === b.value.toLowerCase() : a.value === b.value;
  }
  if (a.kind === "bool" && b.kind === "bool") return a.value === b.value;
  return orderOf(a, b) === 0;
}

/** Negative, zero or positive; undefined when the two have no order, as with null, NaN or values of two kinds. */
function orderOf(a: Payload, b: Payload): number | undefined {
  if (isNumber(a) && isNumber(b)) {
    // JavaScript orders a bigint against a float exactly, without rounding either.
    return a.value < b.value ? -1 : a.value > b.value ? 1 : a.value >= b.value ? 0 : undefined;
  }
  if (a.kind === "timestamp" && b.kind === "timestamp") {
    if (a.seconds !== b.seconds) return a.seconds < b.seconds ? -1 : 1;
    return Math.sign(a.nanoseconds - b.nanoseconds);
  }
  if ((a.kind === "objectId" && b.kind === "objectId") || (a.kind === "uuid" && b.kind === "uuid")) {
    return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
  }
  return undefined;
}

function isNumber(value: Payload): value is Extract<Payload, { kind: "int" | "float" | "double" }> {
  return value.kind === "int" || value.kind === "float" || value.kind === "double";
}

function stringOperation(
  operator: StringOperation,
  left: Payload,
  right: Payload,
  ignoreCase: boolean,
): boolean {
  if (left.kind !== "string" || right.kind !== "string") return false;
  const text = ignoreCase ? left.value.toLowerCase() : left.value;
  const pattern = ignoreCase ? right.value.toLowerCase() : right.value;
  switch (operator) {
    case "BEGINSWITH":
      return text.startsWith(pattern);
    case "ENDSWITH":
      return text.endsWith(pattern);
    case "CONTAINS":
      return text.includes(pattern);
    case "LIKE":
      return isLike(text, pattern);
  }
}

/** `*` stands for any run of characters, `?` for one. Linear in text times pattern, whatever the pattern. */
function isLike(text: string, pattern: string): boolean {
  const characters = [...text];
  const wanted = [...pattern];
  let at = 0;
  let next = 0;
  let star = -1;
  let resumeAt = 0;
  while (at < characters.length) {
    if (wanted[next] === "*") {
      star = next;
      resumeAt = at;
      next += 1;
    } else if (next < wanted.length && (wanted[next] === "?" || wanted[next] === characters[at])) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      resumeAt += 1;
      at = resumeAt;
      next = star + 1;
    } else {
      return false;
    }
  }
  while (wanted[next] === "*") next += 1;
  return next === wanted.length;
}
