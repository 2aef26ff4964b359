/**
 * The operator's schema takes the place of the store's. What only adds is done while clients go on writing: it is an
 * entry of the history like any other. What takes something away is refused, unless forced: then values that fit the
 * new schema stay, the others go into a file beside the store, and every client starts anew.
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { PrimaryKey } from "../changeset";
import type { Document, Node } from "../object/document";
import { fieldsOfDocument } from "../object/fields";
import { readableDocument, readableKey, readableNode } from "../object/readable";
import { rulesOf } from "../rules/rules";
import { ownerOf } from "../rules/rules-in-effect";
import { fitDocument } from "../schema/fit-document";
import { extendSchema, type Schema } from "../schema/schema";
import { compareSchemas, type SchemaDifference } from "../schema/schema-difference";
import { readSchemaFile } from "../schema/schema-file";
import { writeFileDurably } from "../storage/durable-file";
import type { Storage } from "../storage/storage";
import { minuteOf } from "../words";
import { ruleWarnings } from "./deploy-rules";
import { appendServerEntry, forgetClients } from "./operations";
import type { Performed, StorePlace } from "./requests";

export type SchemaDeployment = {
  readonly isDryRun: boolean;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** How many values and whole objects do not fit the new schema. */
  readonly lostValues: number;
  readonly lostObjects: number;
  /** The file with all of them; null when there are none, or nothing was done. */
  readonly exportedTo: string | null;
  readonly everyClientResets: boolean;
  readonly warnings: readonly string[];
};

export type SchemaAnswer =
  | { readonly kind: "ok"; readonly value: SchemaDeployment }
  | { readonly kind: "failed"; readonly message: string; readonly losses?: readonly string[] };

export function deploySchema(
  place: StorePlace,
  options: { readonly schema: unknown; readonly isForced: boolean; readonly isDryRun: boolean },
): Performed {
  const { storage, settings } = place;
  const read = readSchemaFile(options.schema);
  if (read.kind === "bad") return failed(`The schema cannot be used:\n${read.problems.join("\n")}`);
  const difference = compareSchemas(storage.schema(), read.schema);
  const isAdditive = difference.removals.length === 0;
  const lost = isAdditive ? { values: [], objects: [] } : lossesOf(storage, read.schema);
  if (!isAdditive && !options.isForced) return refused(difference, lost);

  const report = {
    isDryRun: options.isDryRun,
    added: difference.addedTexts,
    removed: difference.removals.map(({ text }) => text),
    lostValues: lost.values.length,
    lostObjects: lost.objects.length,
    everyClientResets: !isAdditive,
    warnings: ruleWarnings(rulesOf(settings.rules), read.schema),
  };
  if (options.isDryRun) return ok({ ...report, exportedTo: null });
  if (isAdditive) {
    extend(storage, difference, place.nowMs);
    return ok({ ...report, exportedTo: null });
  }
  const exportedTo = exportLosses(place, lost);
  try {
    migrate(place, read.schema);
  } catch (error) {
    if (exportedTo !== null) rmSync(exportedTo, { force: true });
    throw error;
  }
  return { ...ok({ ...report, exportedTo }), endsSessions: true };
}

/** Clients that are connected get the new columns before anybody can write to them, because history comes in order. */
function extend(storage: Storage, { additions }: SchemaDifference, nowMs: number): void {
  if (additions.length === 0) return;
  storage.transaction(() => {
    let schema = storage.schema();
    for (const instruction of additions) {
      const change = extendSchema(schema, instruction);
      if (change.kind === "conflict") throw new Error(change.message);
      schema = change.schema;
    }
    storage.setSchema(schema);
    appendServerEntry(storage, additions, nowMs);
  });
}

type LostValue = {
  readonly className: string;
  readonly pk: PrimaryKey;
  readonly field: string;
  readonly node: Node;
};
type LostObject = { readonly className: string; readonly pk: PrimaryKey; readonly document: Document };
type Losses = { readonly values: readonly LostValue[]; readonly objects: readonly LostObject[] };

function lossesOf(storage: Storage, wanted: Schema): Losses {
  const values: LostValue[] = [];
  const objects: LostObject[] = [];
  for (const className of storage.schema().keys()) {
    const table = survivor(storage.schema(), wanted, className);
    for (const { pk, document } of storage.objects(className)) {
      if (!table) objects.push({ className, pk, document });
      else
        for (const [field, node] of fitDocument(document, table, wanted).dropped)
          values.push({ className, pk, field, node });
    }
  }
  return { values, objects };
}

/** The table that takes a class's objects; undefined when none can, because their keys mean nothing in it. */
function survivor(former: Schema, wanted: Schema, className: string) {
  const key = former.get(className)?.primaryKey;
  const table = wanted.get(className);
  const next = table?.primaryKey;
  return key && next && key.field === next.field && key.type === next.type && (next.nullable || !key.nullable)
    ? table
    : undefined;
}

function refused({ removals }: SchemaDifference, lost: Losses): Performed {
  const losses = removals.map((removal) => {
    const isOf = ({ className }: { className: string }) => className === removal.className;
    const count =
      removal.kind === "class"
        ? lost.objects.filter(isOf).length
        : lost.values.filter((value) => isOf(value) && value.field.split(".", 1)[0] === removal.field).length;
    const what = removal.kind === "class" ? "object(s)" : "value(s)";
    return `${removal.text}: ${count} ${what} would be lost`;
  });
  const message =
    `This schema takes something away:\n${losses.join("\n")}\n` +
    "Nothing was changed. With --force it is done, what is lost goes into a file, and every client must reset.";
  return { answer: { kind: "failed", message, losses } satisfies SchemaAnswer };
}

/** One line of JSON for each, on the disk before anything is taken out of the store. */
function exportLosses({ dataDir, nowMs }: StorePlace, { values, objects }: Losses): string | null {
  if (values.length === 0 && objects.length === 0) return null;
  const stamp = new Date(nowMs).toISOString().replace(/[:.]/g, "-");
  const path = join(dataDir, `removed-by-schema-${stamp}.jsonl`);
  if (existsSync(path)) throw new Error(`${path} exists already.`);
  const lines = [
    ...values.map(({ className, pk, field, node }) => ({
      class: className,
      key: readableKey(pk),
      property: field,
      value: readableNode(node),
    })),
    ...objects.map(({ className, pk, document }) => ({
      class: className,
      key: readableKey(pk),
      object: readableDocument(document),
    })),
  ];
  writeFileDurably(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""), 0o600);
  return path;
}

function migrate({ storage, settings, nowMs }: StorePlace, wanted: Schema): void {
  const rules = rulesOf(settings.rules);
  storage.transaction(() => {
    const former = storage.schema();
    for (const className of former.keys()) {
      const table = survivor(former, wanted, className);
      for (const { pk, document } of [...storage.objects(className)]) {
        if (!table) {
          storage.deleteObject(className, pk);
          continue;
        }
        const fitted = fitDocument(document, table, wanted).document;
        const fields = fieldsOfDocument(wanted, className, fitted, table.columns.keys());
        storage.putObject(className, pk, fitted, ownerOf(rules, className, fields));
      }
    }
    storage.setSchema(wanted);
    for (const [className, fields] of storage.queryableFields()) {
      for (const field of fields.keys()) {
        if (!wanted.get(className)?.columns.has(field)) storage.deleteQueryableField(className, field);
      }
    }
    forgetClients(storage, `the schema was changed on ${minuteOf(nowMs)}`, nowMs);
  });
}

function ok(value: SchemaDeployment): Performed {
  return { answer: { kind: "ok", value } satisfies SchemaAnswer };
}

function failed(message: string): Performed {
  return { answer: { kind: "failed", message } satisfies SchemaAnswer };
}
