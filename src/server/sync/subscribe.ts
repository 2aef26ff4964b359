/**
 * A client's new queries: what enters its view is sent whole, what leaves is erased, in changesets that all carry the
 * present version. From here on the client sees the history through these queries.
 */
import { encodeChangeset, type Instruction, objectKey } from "../changeset";
import { fieldsOfDocument } from "../object/fields";
import { rebuildObject } from "../object/rebuild";
import type { DownloadedChangeset } from "../protocol/server-messages";
import { ruleFor } from "../rules/rules";
import { type Schema, schemaInstructions } from "../schema/schema";
import { randomSalt } from "../storage/salt";
import type { ClientFile, ViewPeriod } from "../storage/storage";
import { fieldsReadBy, isInView, parseView, requiredInView, type View } from "../view/view";
import type { UnansweredQuery } from "./client-files";
import { type SyncContext, serverFileIdent } from "./context";
import { type Remnants, remnantsOf } from "./remnants";

export type Subscribed =
  | { readonly kind: "ok"; readonly file: ClientFile; readonly changesets: readonly DownloadedChangeset[] }
  | { readonly kind: "badQuery"; readonly message: string };

/** A client applies a bootstrap in pieces of about a megabyte, and never less than one changeset. */
const bytesPerChangeset = 128 * 1024;

/** Periods that no upload can reach back to are forgotten, except the one a broken bootstrap falls back to. */
const periodsKept = 2;

/**
 * The client must have been sent all of the history up to the head through its former queries.
 *
 * @param former the queries the client has now; undefined when it has nothing at all
 */
export function subscribe(
  context: SyncContext,
  file: ClientFile,
  former: ViewPeriod | undefined,
  query: UnansweredQuery,
): Subscribed {
  const { storage } = context;
  const { queryVersion, queryBody, brokenOff } = query;
  const schema = storage.schema();
  const parsed = parseView(queryBody, schema, context.permissions(file.userId));
  if (parsed.kind === "bad") return { kind: "badQuery", message: parsed.message };

  const seen = storage.transaction(() => {
    if (former) appendBoundary(context, file);
    const { version } = storage.head();
    recordFields(context, parsed.view, version);
    const periods = former ? file.views : [];
    const remnants = remnantsOf(context, former && context.view(file, former), parsed.view, brokenOff);
    const period: ViewPeriod = {
      fromVersion: version,
      queryVersion,
      queryBody,
      rules: context.rules.number,
      ...(brokenOff.length > 0 && { brokenOff, resent: [...remnants.resent] }),
    };
    const subscribed: ClientFile = {
      ...file,
      views: [...forgetful(periods, file.uploadServerVersion), period],
    };
    storage.putClientFile(subscribed);
    return { file: subscribed, remnants };
  });

  const changesets = new BootstrapWriter(storage.head().version, seen.file.lastEntryClientVersion);
  // A client without queries may still hold a schema that clashes; it hears of ours once its own has been judged.
  if (parsed.view.queries.size > 0) changesets.add(schemaInstructions(schema));
  const formerView = former && context.view(file, former);
  for (const instructions of differences(context, schema, formerView, parsed.view, seen.remnants))
    changesets.add(instructions);
  return { kind: "ok", file: seen.file, changesets: changesets.finish() };
}

/**
 * A version of its own for a bootstrap, with nothing in it: what a client did before it had the bootstrap is based on
 * an earlier version, what it does afterwards on this one.
 */
function appendBoundary(context: SyncContext, file: ClientFile): void {
  const { storage } = context;
  storage.appendHistory({
    version: storage.head().version + 1,
    salt: randomSalt(),
    originFileIdent: serverFileIdent,
    originClientVersion: 0,
    originTimestampMs: context.timestampMs(),
    storedAtMs: context.options.nowMs(),
    changeset: new Uint8Array(0),
    touched: [],
    targetFileIdent: file.ident,
  });
}

function recordFields(context: SyncContext, view: View, sinceVersion: number): void {
  const { storage } = context;
  for (const [className, fields] of fieldsReadBy(view)) {
    for (const field of fields) {
      if (context.isAlwaysRecorded(className, field) || storage.queryableFields().get(className)?.has(field))
        continue;
      storage.addQueryableField(className, field, sinceVersion);
    }
  }
}

function forgetful(periods: readonly ViewPeriod[], reachedVersion: number): readonly ViewPeriod[] {
  const needed = periods.findLastIndex((period) => period.fromVersion <= reachedVersion);
  return periods.slice(Math.max(0, Math.min(needed, periods.length - periodsKept)));
}

function* differences(
  context: SyncContext,
  schema: Schema,
  former: View | undefined,
  current: View,
  remnants: Remnants,
): Generator<Instruction[]> {
  const queried = [...(former?.queries.keys() ?? []), ...current.queries.keys()];
  const classes = new Set(former?.follows ? schema.keys() : queried);
  const fieldNames = [former, current].map((view) =>
    view ? fieldsReadBy(view) : new Map<string, Set<string>>(),
  );
  for (const table of classes) {
    const names = new Set(fieldNames.flatMap((byClass) => [...(byClass.get(table) ?? [])]));
    const owner = onlyOwner(context, table, former, current);
    for (const { pk, document } of context.storage.objects(table, owner)) {
      const fields = fieldsOfDocument(schema, table, document, names);
      const wasIn = former !== undefined && isInView(former, table, pk, fields);
      const isIn = isInView(current, table, pk, fields);
      const key = objectKey(table, pk);
      if (isIn && (!wasIn || remnants.resent.has(key))) {
        yield rebuildObject(schema, table, pk, document, remnants.touched.has(key) ? "all" : "written");
      } else if (wasIn && !isIn) {
        yield [{ kind: "EraseObject", table, pk }];
      }
    }
  }
  if (remnants.erased.length > 0) yield remnants.erased;
}

/** Whose objects alone can be in either view, where that can be told: then no others are looked at. */
function onlyOwner(context: SyncContext, table: string, former: View | undefined, current: View) {
  const field = ruleFor(context.rules.rules, table).ownerField;
  if (field === undefined) return undefined;
  const views = former ? [former, current] : [current];
  const relevant = views.filter((view) => view.queries.has(table) || view.follows);
  const [first, ...others] = relevant.map((view) => requiredInView(view, table, field));
  return others.every((owner) => owner === first) ? first : undefined;
}

class BootstrapWriter {
  readonly #version: number;
  readonly #clientVersion: number;
  readonly #changesets: DownloadedChangeset[] = [];
  #pending: Instruction[] = [];
  #pendingWeight = 0;

  constructor(version: number, clientVersion: number) {
    this.#version = version;
    this.#clientVersion = clientVersion;
  }

  add(instructions: Instruction[]): void {
    // One by one: an object with a very long list would exceed the arguments of a call.
    for (const instruction of instructions) {
      this.#pending.push(instruction);
      this.#pendingWeight += weightOf(instruction);
    }
    if (this.#pendingWeight >= bytesPerChangeset) this.#flush();
  }

  /** At least one changeset: a bootstrap without any makes the client spin for ever. */
  finish(): DownloadedChangeset[] {
    if (this.#pending.length > 0 || this.#changesets.length === 0) this.#flush();
    return this.#changesets;
  }

  #flush(): void {
    this.#changesets.push({
      serverVersion: this.#version,
      clientVersion: this.#clientVersion,
      // Older than anything a client writes: what waits there to be uploaded wins.
      originTimestampMs: 0,
      originFileIdent: serverFileIdent,
      bytes: encodeChangeset(this.#pending),
    });
    this.#pending = [];
    this.#pendingWeight = 0;
  }
}

/** A rough size in bytes; only the long values matter. */
function weightOf(instruction: Instruction): number {
  const base = 40;
  if (!("value" in instruction) || typeof instruction.value === "bigint") return base;
  switch (instruction.value.kind) {
    case "string":
      return base + instruction.value.value.length;
    case "binary":
      return base + instruction.value.bytes.length;
    default:
      return base;
  }
}
