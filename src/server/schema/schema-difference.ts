/** What a deployed schema changes: what it adds, and what it takes away from the objects there are. Pure. */
import type { SchemaInstruction } from "../changeset";
import { type Schema, schemaInstructions, type Table } from "./schema";
import { typeText } from "./schema-file";

export type Removal =
  | { readonly kind: "class"; readonly className: string; readonly text: string }
  | {
      readonly kind: "property";
      readonly className: string;
      readonly field: string;
      readonly text: string;
    };

export type SchemaDifference = {
  /** The instructions that extend the former schema; only what is new. */
  readonly additions: readonly SchemaInstruction[];
  readonly addedTexts: readonly string[];
  /** Empty for an additive change. A change of type is a removal here, and no addition. */
  readonly removals: readonly Removal[];
};

export function compareSchemas(former: Schema, wanted: Schema): SchemaDifference {
  const additions = schemaInstructions(wanted).filter((instruction) => {
    const table = former.get(instruction.table);
    if (instruction.kind === "AddTable") return !table;
    return !(table && instruction.kind === "AddColumn" && hasProperty(table, instruction.field));
  });
  const addedTexts = additions.map((instruction) =>
    instruction.kind === "AddColumn"
      ? `${instruction.table}.${instruction.field}: ${typeText(instruction)}`
      : `class ${instruction.table}`,
  );
  const removals = [...former].flatMap(([name, table]) => removalsIn(name, table, wanted.get(name)));
  return { additions, addedTexts, removals };
}

function removalsIn(className: string, former: Table, wanted: Table | undefined): Removal[] {
  const whole = (text: string): Removal[] => [{ kind: "class", className, text }];
  if (!wanted) return whole(`class ${className} is removed`);
  if (Boolean(former.primaryKey) !== Boolean(wanted.primaryKey))
    return whole(`class ${className} is ${wanted.primaryKey ? "no longer" : "now"} embedded`);
  if (keyText(former) !== keyText(wanted))
    return whole(
      `the primary key of class ${className} changes from ${keyText(former)} to ${keyText(wanted)}`,
    );
  const removals: Removal[] = [];
  for (const [field, column] of former.columns) {
    const next = wanted.columns.get(field);
    const [was, is] = [typeText(column), next && typeText(next)];
    const name = `${className}.${field}`;
    if (is === undefined) removals.push({ kind: "property", className, field, text: `${name} is removed` });
    else if (is !== was) {
      const text = `${name} changes from ${was} to ${is}`;
      removals.push({ kind: "property", className, field, text });
    }
  }
  return removals;
}

function hasProperty(table: Table, field: string): boolean {
  return table.columns.has(field) || table.primaryKey?.field === field;
}

function keyText({ primaryKey }: Table): string {
  return primaryKey ? `${primaryKey.field}: ${primaryKey.type}${primaryKey.nullable ? "?" : ""}` : "none";
}
