/**
 * The answer to new queries, made bit by bit: what enters a client's view is sent whole, what leaves is erased, in
 * changesets that all carry one version. The objects are those of that version, whatever is written meanwhile.
 */
import { encodeChangeset, type Instruction, objectKey } from "../changeset";
import { fieldsOfDocument } from "../object/fields";
import { rebuildObject } from "../object/rebuild";
import type { DownloadedChangeset } from "../protocol/server-messages";
import { ruleFor } from "../rules/rules";
import { type Schema, schemaInstructions } from "../schema/schema";
import type { ObjectSnapshot, SaltedVersion } from "../storage/storage";
import { fieldsReadBy, isInView, requiredInView, type View } from "../view/view";
import { type SyncContext, serverFileIdent } from "./context";
import type { Remnants } from "./remnants";

/** A client applies a bootstrap in pieces of about a megabyte, and never less than one changeset. */
const bytesPerChangeset = 128 * 1024;

/** What is read at a time, so that objects of any size neither fill the memory nor hold up others for long. */
const page = { least: 1, first: 32, most: 256, tooManyBytes: 512 * 1024, fewBytes: 64 * 1024 };

export type BootstrapPlan = {
  readonly at: SaltedVersion;
  readonly queryVersion: number;
  /** The newest version of the client's own that is part of the history at `at`. */
  readonly clientVersion: number;
  readonly former: View | undefined;
  readonly current: View;
  readonly remnants: Remnants;
  /** Of the moment of `at`. Closed by the bootstrap. */
  readonly snapshot: ObjectSnapshot;
};

type Scan = {
  readonly table: string;
  readonly owner: string | undefined;
  readonly names: ReadonlySet<string>;
};

export class Bootstrap {
  readonly plan: BootstrapPlan;
  readonly #schema: Schema;
  readonly #scans: Scan[];
  #after: string | undefined;
  #limit: number;
  #pending: Instruction[] = [];
  #pendingWeight = 0;
  #ready: DownloadedChangeset[] = [];
  #isDone = false;
  #objectsLeft: number;
  #scannedObjects = 0;
  #madeBytes = 0;
  readonly #bytesPerChangeset: number;
  readonly #mostObjects: number;

  constructor(context: SyncContext, plan: BootstrapPlan) {
    this.plan = plan;
    const { pieces } = context.options;
    this.#bytesPerChangeset = pieces?.messageBytes ?? bytesPerChangeset;
    this.#limit = pieces?.objects ?? page.first;
    this.#mostObjects = pieces?.objects ?? page.most;
    this.#schema = context.storage.schema();
    this.#scans = scansFor(context, this.#schema, plan);
    this.#objectsLeft = this.#scans.reduce(
      (sum, { table, owner }) => sum + plan.snapshot.count(table, owner),
      0,
    );
    // A client without queries may still hold a schema that clashes; it hears of ours once its own has been judged.
    if (plan.current.queries.size > 0) this.#add(schemaInstructions(this.#schema));
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** About how many bytes are still to be made. */
  get remainingBytes(): number {
    if (this.#isDone) return 0;
    const bytesPerObject = this.#madeBytes / Math.max(1, this.#scannedObjects);
    return Math.round(Math.max(1, this.#objectsLeft) * bytesPerObject);
  }

  /** Goes on for some milliseconds, and hands out the changesets that are complete. At least one in all. */
  step(): readonly DownloadedChangeset[] {
    const scan = this.#scans[0];
    if (scan) this.#scanPage(scan);
    else this.#finish();
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  close(): void {
    this.plan.snapshot.close();
  }

  #scanPage(scan: Scan): void {
    const { former, current, remnants, snapshot } = this.plan;
    const { table, owner, names } = scan;
    const { objects, next } = snapshot.page(table, { owner, after: this.#after, limit: this.#limit });
    let sizeBytes = 0;
    for (const { pk, document, sizeBytes: objectBytes } of objects) {
      sizeBytes += objectBytes;
      const fields = fieldsOfDocument(this.#schema, table, document, names);
      const wasIn = former !== undefined && isInView(former, table, pk, fields);
      const isIn = isInView(current, table, pk, fields);
      const key = objectKey(table, pk);
      if (isIn && (!wasIn || remnants.resent.has(key))) {
        const completeness = remnants.touched.has(key) ? "all" : "written";
        this.#add(rebuildObject(this.#schema, table, pk, document, completeness));
      } else if (wasIn && !isIn) {
        this.#add([{ kind: "EraseObject", table, pk }]);
      }
    }
    this.#scannedObjects += objects.length;
    this.#objectsLeft = Math.max(0, this.#objectsLeft - objects.length);
    if (sizeBytes > page.tooManyBytes) this.#limit = Math.max(page.least, this.#limit >> 1);
    else if (sizeBytes < page.fewBytes) this.#limit = Math.min(this.#mostObjects, this.#limit << 1);
    this.#after = next;
    if (next === undefined) this.#scans.shift();
  }

  /** At least one changeset: a bootstrap without any makes the client spin for ever. */
  #finish(): void {
    this.#add(this.plan.remnants.erased);
    if (this.#pending.length > 0 || this.#madeBytes === 0) this.#flush();
    this.#isDone = true;
    this.close();
  }

  #add(instructions: readonly Instruction[]): void {
    // One by one: an object with a very long list would exceed the arguments of a call.
    for (const instruction of instructions) {
      this.#pending.push(instruction);
      this.#pendingWeight += weightOf(instruction);
    }
    if (this.#pendingWeight >= this.#bytesPerChangeset) this.#flush();
  }

  #flush(): void {
    const { at, clientVersion } = this.plan;
    const bytes = encodeChangeset(this.#pending);
    this.#ready.push({
      serverVersion: at.version,
      clientVersion,
      // Older than anything a client writes: what waits there to be uploaded wins.
      originTimestampMs: 0,
      originFileIdent: serverFileIdent,
      bytes,
    });
    this.#madeBytes += bytes.length;
    this.#pending = [];
    this.#pendingWeight = 0;
  }
}

function scansFor(context: SyncContext, schema: Schema, { former, current }: BootstrapPlan): Scan[] {
  const queried = [...(former?.queries.keys() ?? []), ...current.queries.keys()];
  const classes = new Set(former?.follows ? schema.keys() : queried);
  const fieldNames = [former, current].map((view) =>
    view ? fieldsReadBy(view) : new Map<string, Set<string>>(),
  );
  return [...classes].map((table) => ({
    table,
    owner: onlyOwner(context, table, former, current),
    // Those of the rule as well: what a view follows is of classes that its queries need not name.
    names: new Set([
      ...fieldNames.flatMap((byClass) => [...(byClass.get(table) ?? [])]),
      ...ruleFor(context.rules.rules, table).readFields,
    ]),
  }));
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
