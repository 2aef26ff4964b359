/**
 * The instructions that bring an object, on a client that may or may not have it, to exactly the server's state.
 * Collections are emptied before they are filled: the same bootstrap may reach a client twice, when a connection
 * breaks in the middle, and a list insertion checks the size it finds.
 */
import type { Instruction, PathElement, PrimaryKey } from "../changeset";
import type { Column, Schema, Table } from "../schema/schema";
import { defaultValue } from "./apply";
import type { Document, Node } from "./document";

export type Completeness =
  /** Fields that were never written are left out; for objects the client does not have. */
  | "written"
  /** As `written`, on top of what a client has made of the same object by itself: its collections are kept. */
  | "merging"
  /** Every column is set; whatever the client holds is replaced. */
  | "all";

export function rebuildObject(
  schema: Schema,
  table: string,
  pk: PrimaryKey,
  document: Document,
  completeness: Completeness,
): Instruction[] {
  const instructions: Instruction[] = [{ kind: "CreateObject", table, pk }];
  const spec = schema.get(table);
  if (!spec) throw new Error(`an object of class ${table}, which the schema does not have`);
  new Rebuilder(schema, table, pk, completeness, instructions).fields(spec, document, []);
  return instructions;
}

class Rebuilder {
  readonly #schema: Schema;
  readonly #table: string;
  readonly #pk: PrimaryKey;
  readonly #completeness: Completeness;
  readonly #out: Instruction[];

  constructor(schema: Schema, table: string, pk: PrimaryKey, completeness: Completeness, out: Instruction[]) {
    this.#schema = schema;
    this.#table = table;
    this.#pk = pk;
    this.#completeness = completeness;
    this.#out = out;
  }

  /** `at` is where these fields are: empty for the object's own, else the way to an embedded object. */
  fields(table: Table, fields: ReadonlyMap<string, Node>, at: readonly PathElement[]): void {
    for (const [name, column] of table.columns) {
      const node = fields.get(name);
      if (node || this.#completeness === "all") this.#field(column, node, [...at, name]);
    }
  }

  #field(column: Column, node: Node | undefined, at: readonly PathElement[]): void {
    switch (column.collection) {
      case "single":
        this.#single(column, node ?? defaultValue(column), at);
        return;
      case "list":
        this.#clear(at);
        if (node?.kind === "list") {
          for (const [index, item] of node.items.entries()) {
            const place = this.#place([...at, index]);
            this.#out.push({ kind: "ArrayInsert", ...place, value: marker(item), priorSize: index });
            this.#inside(column, item, [...at, index]);
          }
        }
        return;
      case "set":
        this.#clear(at);
        if (node?.kind === "set") {
          for (const value of node.items) this.#out.push({ kind: "SetInsert", ...this.#place(at), value });
        }
        return;
      case "dictionary":
        this.#clear(at);
        if (node?.kind === "map") {
          for (const [key, entry] of node.entries) {
            const place = this.#place([...at, key]);
            this.#out.push({ kind: "Update", ...place, value: marker(entry), isDefault: false });
            this.#inside(column, entry, [...at, key]);
          }
        }
    }
  }

  #single(column: Column, node: Node, at: readonly PathElement[]): void {
    const place = this.#place(at);
    if (node.kind === "embedded" && this.#completeness !== "merging") {
      // Creating an embedded object keeps one that is there already, with fields the server may not know.
      this.#out.push({ kind: "Update", ...place, value: { kind: "null" }, isDefault: false });
    }
    this.#out.push({ kind: "Update", ...place, value: marker(node), isDefault: false });
    this.#inside(column, node, at);
  }

  #inside(column: Column, node: Node, at: readonly PathElement[]): void {
    if (node.kind !== "embedded") return;
    const target = this.#schema.get(column.linkTarget ?? "");
    if (!target)
      throw new Error(`embedded object of class ${column.linkTarget}, which the schema does not have`);
    this.fields(target, node.fields, at);
  }

  #clear(at: readonly PathElement[]): void {
    if (this.#completeness !== "merging") this.#out.push({ kind: "Clear", ...this.#place(at) });
  }

  #place(at: readonly PathElement[]): { table: string; pk: PrimaryKey; field: string; path: PathElement[] } {
    const [field, ...path] = at;
    return { table: this.#table, pk: this.#pk, field: String(field), path };
  }
}

function marker(node: Node) {
  switch (node.kind) {
    case "embedded":
      return { kind: "object" } as const;
    case "list":
    case "set":
    case "map":
      throw new Error(`a ${node.kind} inside a collection`);
    default:
      return node;
  }
}
