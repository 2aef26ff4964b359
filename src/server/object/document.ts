/**
 * One object as the server keeps it: its fields by name, as nodes. A field that was never written is absent and has
 * its type's default. Links to objects that are gone stay where they are: clients keep them too, unresolved, and the
 * indices and sizes of lists count them.
 */
import type { Payload, PrimaryKey } from "../changeset";

/** A value that stands on its own: everything an instruction can carry but the markers. */
export type Scalar = Exclude<Payload, { kind: "object" | "dictionary" | "erased" }>;

export type Node =
  | Scalar
  | { readonly kind: "list"; readonly items: Node[] }
  | { readonly kind: "set"; readonly items: Scalar[] }
  | { readonly kind: "map"; readonly entries: Map<string, Node> }
  | { readonly kind: "embedded"; readonly fields: Map<string, Node> };

export type Document = Map<string, Node>;

export function copyDocument(document: Document): Document {
  return copyNodes(document);
}

function copyNodes(nodes: ReadonlyMap<string, Node>): Map<string, Node> {
  return new Map([...nodes].map(([name, node]) => [name, copyNode(node)]));
}

function copyNode(node: Node): Node {
  switch (node.kind) {
    case "list":
      return { kind: "list", items: node.items.map(copyNode) };
    case "set":
      return { kind: "set", items: [...node.items] };
    case "map":
      return { kind: "map", entries: copyNodes(node.entries) };
    case "embedded":
      return { kind: "embedded", fields: copyNodes(node.fields) };
    default:
      return node;
  }
}

/**
 * Stored as JSON. Null, booleans and strings stand for themselves, everything else is an object with one short name.
 * Maps are lists of pairs, so that no key can be mistaken for anything.
 */
export function documentToJson(document: Document): string {
  return JSON.stringify(pairs(document));
}

/** Reads only what `documentToJson` wrote. */
export function documentFromJson(json: string): Document {
  return nodesOf(JSON.parse(json) as Pairs);
}

export function scalarToJson(value: Scalar): string {
  return JSON.stringify(encoded(value));
}

export function scalarFromJson(json: string): Scalar {
  return decoded(JSON.parse(json) as Json) as Scalar;
}

export function primaryKeyToJson(pk: PrimaryKey): string {
  return JSON.stringify(encodedKey(pk));
}

export function primaryKeyFromJson(json: string): PrimaryKey {
  return decodedKey(JSON.parse(json) as JsonKey);
}

type Pairs = [string, Json][];
type JsonKey = null | string | { i: string } | { o: string } | { u: string } | { g: [string, string] };
type Json =
  | null
  | boolean
  | string
  | { i: string }
  | { d: string }
  | { f: string }
  | { b: string }
  | { t: [string, number] }
  | { n: string }
  | { l: [string, JsonKey] }
  | { o: string }
  | { u: string }
  | { L: Json[] }
  | { S: Json[] }
  | { M: Pairs }
  | { E: Pairs };

function pairs(nodes: ReadonlyMap<string, Node>): Pairs {
  return [...nodes].map(([name, node]) => [name, encoded(node)]);
}

function nodesOf(list: Pairs): Map<string, Node> {
  return new Map(list.map(([name, json]) => [name, decoded(json)]));
}

function encoded(node: Node): Json {
  switch (node.kind) {
    case "null":
      return null;
    case "bool":
    case "string":
      return node.value;
    case "int":
      return { i: String(node.value) };
    // As text, because JSON has no NaN, no infinity and no negative zero.
    case "double":
      return { d: floatText(node.value) };
    case "float":
      return { f: floatText(node.value) };
    case "binary":
      return { b: Buffer.from(node.bytes).toString("base64") };
    case "timestamp":
      return { t: [String(node.seconds), node.nanoseconds] };
    case "decimal128":
      return { n: Buffer.from(node.bytes).toString("hex") };
    case "link":
      return { l: [node.table, encodedKey(node.pk)] };
    case "objectId":
      return { o: node.value };
    case "uuid":
      return { u: node.value };
    case "list":
      return { L: node.items.map(encoded) };
    case "set":
      return { S: node.items.map(encoded) };
    case "map":
      return { M: pairs(node.entries) };
    case "embedded":
      return { E: pairs(node.fields) };
  }
}

function decoded(json: Json): Node {
  if (json === null) return { kind: "null" };
  if (typeof json === "boolean") return { kind: "bool", value: json };
  if (typeof json === "string") return { kind: "string", value: json };
  if ("i" in json) return { kind: "int", value: BigInt(json.i) };
  if ("d" in json) return { kind: "double", value: Number(json.d) };
  if ("f" in json) return { kind: "float", value: Number(json.f) };
  if ("b" in json) return { kind: "binary", bytes: new Uint8Array(Buffer.from(json.b, "base64")) };
  if ("t" in json) return { kind: "timestamp", seconds: BigInt(json.t[0]), nanoseconds: json.t[1] };
  if ("n" in json) return { kind: "decimal128", bytes: new Uint8Array(Buffer.from(json.n, "hex")) };
  if ("l" in json) return { kind: "link", table: json.l[0], pk: decodedKey(json.l[1]) };
  if ("o" in json) return { kind: "objectId", value: json.o };
  if ("u" in json) return { kind: "uuid", value: json.u };
  if ("L" in json) return { kind: "list", items: json.L.map(decoded) };
  if ("S" in json) return { kind: "set", items: json.S.map((item) => decoded(item) as Scalar) };
  if ("M" in json) return { kind: "map", entries: nodesOf(json.M) };
  return { kind: "embedded", fields: nodesOf(json.E) };
}

function floatText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function encodedKey(pk: PrimaryKey): JsonKey {
  switch (pk.kind) {
    case "null":
      return null;
    case "string":
      return pk.value;
    case "int":
      return { i: String(pk.value) };
    case "objectId":
      return { o: pk.value };
    case "uuid":
      return { u: pk.value };
    case "globalKey":
      return { g: [String(pk.hi), String(pk.lo)] };
  }
}

function decodedKey(json: JsonKey): PrimaryKey {
  if (json === null) return { kind: "null" };
  if (typeof json === "string") return { kind: "string", value: json };
  if ("i" in json) return { kind: "int", value: BigInt(json.i) };
  if ("o" in json) return { kind: "objectId", value: json.o };
  if ("u" in json) return { kind: "uuid", value: json.u };
  return { kind: "globalKey", hi: BigInt(json.g[0]), lo: BigInt(json.g[1]) };
}
