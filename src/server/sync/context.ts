/** What every part of the sync engine works with. Holds caches of what the storage says, and no state of its own. */

import { type Instruction, parseChangeset } from "../changeset";
import type { Document } from "../object/document";
import { fieldsOfDocument } from "../object/fields";
import { Permissions, type UserIdentity } from "../rules/permissions";
import { ruleFor } from "../rules/rules";
import { type RulesInEffect, rulesInEffect } from "../rules/rules-in-effect";
import type { Schema } from "../schema/schema";
import type { ClientFile, Fields, HistoryEntry, Storage, ViewPeriod } from "../storage/storage";
import { StorageTrouble } from "../storage/storage-trouble";
import { parseView, type View } from "../view/view";

export type SyncOptions = {
  /** Whether uploads may add classes and properties. */
  readonly developmentMode: boolean;
  readonly nowMs: () => number;
  /** Only tests say how much goes into one message and one page of objects. */
  readonly pieces?: {
    readonly messageBytes: number;
    readonly objects: number;
    /** Everything that is uploaded is integrated in slices of so many instructions or objects. */
    readonly perSlice?: number;
  };
};

export type DecodedEntry = {
  readonly entry: HistoryEntry;
  /** Read from the bytes when they are first asked for. */
  readonly instructions: readonly Instruction[];
};

/** The epoch of the timestamps in changesets. */
const changesetEpochMs = Date.UTC(2015, 0, 1);

/** The origin of what the server says in its own name. */
export const serverFileIdent = 1;

/** Of views and permissions, each small. */
const cachedViews = 512;

const cachedEntries = 2048;
const cachedEntryBytes = 8 * 1024 * 1024;

/** The instructions of a changeset take twenty times its bytes: those of large ones are not kept. */
const keptInstructionsBytes = 64 * 1024;

/** What is larger is integrated in slices, of some tens of milliseconds each. */
const slicedBytes = 256 * 1024;
const perSlice = 2000;

export class SyncContext {
  readonly storage: Storage;
  readonly options: SyncOptions;
  readonly #entries = new Map<number, DecodedEntry>();
  #entryBytes = 0;
  readonly #views = new Map<string, View>();
  readonly #permissions = new Map<string, Permissions>();
  /** Those of the store when this context was made: for others, make a new context. */
  readonly rules: RulesInEffect;

  constructor(storage: Storage, options: SyncOptions) {
    this.storage = storage;
    this.options = options;
    this.rules = rulesInEffect(storage);
  }

  isSliced(sizeBytes: number): boolean {
    return sizeBytes > slicedBytes || this.options.pieces?.perSlice !== undefined;
  }

  /** Instructions or objects. */
  get perSlice(): number {
    return this.options.pieces?.perSlice ?? perSlice;
  }

  user(id: string): UserIdentity {
    const identities = this.storage.accounts.identitiesOf(id);
    const email = identities.find(({ provider }) => provider === "local-userpass")?.name;
    return { id, ...(email !== undefined && { email }) };
  }

  permissions(userId: string): Permissions {
    const cached = this.#permissions.get(userId);
    if (cached) return cached;
    const permissions = new Permissions(this.rules.rules, this.user(userId), () => this.storage.schema());
    if (this.#permissions.size > cachedViews) this.#permissions.clear();
    this.#permissions.set(userId, permissions);
    return permissions;
  }

  /** As the storage's. What the work saw and what is then undone is forgotten here as well. */
  transaction<T>(work: () => T): T {
    try {
      return this.storage.transaction(work);
    } catch (error) {
      const { version } = this.storage.head();
      for (const [cached, { entry }] of this.#entries) {
        if (cached <= version) continue;
        this.#entries.delete(cached);
        this.#entryBytes -= entry.changeset.length;
      }
      // Their queries may have been understood in the light of a schema that is no more.
      this.#views.clear();
      this.#permissions.clear();
      throw error;
    }
  }

  /** The present moment as changesets count it. */
  timestampMs(): number {
    return this.options.nowMs() - changesetEpochMs;
  }

  /** The entry that produced a version. Entries never change, so they are kept for the next client. */
  entry(version: number): DecodedEntry {
    const cached = this.#entries.get(version);
    if (cached) return cached;
    const entry = this.storage.historyEntry(version);
    if (!entry) throw new StorageTrouble("damaged", `the history has no version ${version}`);
    const decoded = new LazyEntry(entry);
    this.#entries.set(version, decoded);
    this.#entryBytes += entry.changeset.length;
    for (const [oldest, { entry: dropped }] of this.#entries) {
      if (this.#entries.size <= cachedEntries && this.#entryBytes <= cachedEntryBytes) break;
      this.#entries.delete(oldest);
      this.#entryBytes -= dropped.changeset.length;
    }
    return decoded;
  }

  view(file: ClientFile, period: ViewPeriod): View {
    const { queryBody, follows } = period;
    const key = JSON.stringify([file.userId, queryBody, follows]);
    const cached = this.#views.get(key);
    if (cached) return cached;
    const parsed = parseView(queryBody, this.storage.schema(), this.permissions(file.userId));
    // Accepted once, and the schema only grows.
    if (parsed.kind === "bad") throw new Error(`queries of client file ${file.ident}: ${parsed.message}`);
    const view = follows ? { ...parsed.view, follows: new Set(follows) } : parsed.view;
    if (this.#views.size > cachedViews) this.#views.clear();
    this.#views.set(key, view);
    return view;
  }

  /** The view through which a client sees the entry that produced `version`. */
  viewAt(file: ClientFile, version: number): View {
    let period = file.views[0];
    for (const candidate of file.views) {
      if (candidate.fromVersion < version) period = candidate;
    }
    if (!period) throw new Error(`client file ${file.ident} has not identified itself`);
    return this.view(file, period);
  }

  currentView(file: ClientFile): View {
    const period = file.views.at(-1);
    if (!period) throw new Error(`client file ${file.ident} has not identified itself`);
    return this.view(file, period);
  }

  /** The fields of an object that decide who sees it, as they are recorded from now on. */
  recordedFields(schema: Schema, className: string, document: Document): Fields {
    const queryable = this.storage.queryableFields().get(className)?.keys() ?? [];
    const names = new Set([...queryable, ...ruleFor(this.rules.rules, className).readFields]);
    return fieldsOfDocument(schema, className, document, names);
  }

  /** Every field of an object that could decide about anything: permission, or any query. */
  allFields(className: string, document: Document): Fields {
    const schema = this.storage.schema();
    return fieldsOfDocument(schema, className, document, schema.get(className)?.columns.keys() ?? []);
  }

  /** Whether every entry there is records the field, because the rules read it and always did. */
  isAlwaysRecorded(className: string, field: string): boolean {
    const isRecordedSince = this.storage.queryableFields().get(className)?.has(field);
    return !isRecordedSince && ruleFor(this.rules.rules, className).readFields.has(field);
  }
}

class LazyEntry implements DecodedEntry {
  readonly entry: HistoryEntry;
  #instructions: readonly Instruction[] | undefined;

  constructor(entry: HistoryEntry) {
    this.entry = entry;
  }

  get instructions(): readonly Instruction[] {
    if (this.#instructions) return this.#instructions;
    const instructions = decodeStored(this.entry.changeset);
    if (this.entry.changeset.length <= keptInstructionsBytes) this.#instructions = instructions;
    return instructions;
  }
}

export function decodeStored(bytes: Uint8Array): Instruction[] {
  const parsed = parseChangeset(bytes);
  if (parsed.kind === "malformed") {
    throw new StorageTrouble("damaged", `a stored changeset cannot be read: ${parsed.message}`);
  }
  return parsed.instructions;
}
