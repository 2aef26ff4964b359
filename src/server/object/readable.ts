/** Objects as JSON that a person can read, for exports. One way only: nothing reads it back. */
import type { PrimaryKey } from "../changeset";
import { decimalText } from "../changeset/decimal";
import type { Document, Node } from "./document";

export function readableDocument(document: Document): unknown {
  return Object.fromEntries([...document].map(([name, node]) => [name, readableNode(node)]));
}

export function readableKey(pk: PrimaryKey): unknown {
  switch (pk.kind) {
    case "null":
      return null;
    case "int":
      return readableInt(pk.value);
    case "globalKey":
      return `${pk.hi}-${pk.lo}`;
    default:
      return pk.value;
  }
}

export function readableNode(node: Node): unknown {
  switch (node.kind) {
    case "null":
      return null;
    case "int":
      return readableInt(node.value);
    case "float":
    case "double":
      return Number.isFinite(node.value) ? node.value : String(node.value);
    case "binary":
      return { base64: Buffer.from(node.bytes).toString("base64") };
    case "timestamp": {
      const ms = Number(node.seconds) * 1000 + node.nanoseconds / 1e6;
      return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${node.seconds} s`;
    }
    case "decimal128":
      return decimalText(node.bytes);
    case "link":
      return { class: node.table, key: readableKey(node.pk) };
    case "list":
    case "set":
      return node.items.map(readableNode);
    case "map":
      return Object.fromEntries([...node.entries].map(([key, entry]) => [key, readableNode(entry)]));
    case "embedded":
      return readableDocument(node.fields as Document);
    default:
      return node.value;
  }
}

function readableInt(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}
