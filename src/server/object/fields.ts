/** The fields of an object that decide who sees it: single values, with the default where nothing was ever written. */
import type { Schema } from "../schema/schema";
import { defaultValue } from "./apply";
import type { Document, Scalar } from "./document";

export function fieldsOfDocument(
  schema: Schema,
  className: string,
  document: Document,
  names: Iterable<string>,
): ReadonlyMap<string, Scalar> {
  const fields = new Map<string, Scalar>();
  for (const name of names) {
    const column = schema.get(className)?.columns.get(name);
    if (!column) continue;
    const node = document.get(name) ?? defaultValue(column);
    switch (node.kind) {
      case "list":
      case "set":
      case "map":
      case "embedded":
        break;
      default:
        fields.set(name, node);
    }
  }
  return fields;
}
