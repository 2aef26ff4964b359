/** When two keys or payloads are the same value, and a text that names an object in a map. Pure. */
import { sameDecimal128 } from "./decimal";
import type { Payload, PrimaryKey } from "./instruction";

/** A text that is equal for two keys exactly when the keys are the same. Not meant for people. */
export function primaryKeyText(pk: PrimaryKey): string {
  switch (pk.kind) {
    case "null":
      return "n";
    case "int":
      return `i${pk.value}`;
    case "string":
      return `s${pk.value}`;
    case "objectId":
      return `o${pk.value}`;
    case "uuid":
      return `u${pk.value}`;
    case "globalKey":
      return `g${pk.hi}-${pk.lo}`;
  }
}

/** Names one object of a realm. The length in front keeps table and key apart whatever they contain. */
export function objectKey(table: string, pk: PrimaryKey): string {
  return `${table.length}:${table}${primaryKeyText(pk)}`;
}

export function samePrimaryKey(a: PrimaryKey, b: PrimaryKey): boolean {
  switch (a.kind) {
    case "null":
      return b.kind === "null";
    case "globalKey":
      return b.kind === "globalKey" && a.hi === b.hi && a.lo === b.lo;
    default:
      return a.kind === b.kind && a.value === b.value;
  }
}

/** Floating-point and decimal values compare by number: zeros of either sign are equal, NaN equals nothing. */
export function samePayload(a: Payload, b: Payload): boolean {
  switch (a.kind) {
    case "null":
    case "object":
    case "dictionary":
    case "erased":
      return a.kind === b.kind;
    case "binary":
      return a.kind === b.kind && sameBytes(a.bytes, b.bytes);
    case "decimal128":
      return a.kind === b.kind && sameDecimal128(a.bytes, b.bytes);
    case "timestamp":
      return a.kind === b.kind && a.seconds === b.seconds && a.nanoseconds === b.nanoseconds;
    case "link":
      return a.kind === b.kind && a.table === b.table && samePrimaryKey(a.pk, b.pk);
    default:
      return a.kind === b.kind && a.value === b.value;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
