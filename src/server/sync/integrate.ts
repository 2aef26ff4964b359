/**
 * Takes what a client uploads into the history. Each changeset is transformed against what others did meanwhile,
 * applied to the objects, and becomes an entry of the history; all of it in one transaction, so that an upload is
 * either integrated and durable, or has not happened.
 *
 * A client knows only its view. Three situations need more than the plain transform, and all end with an entry that
 * is meant for this client alone and tells it how the objects really are:
 * - It wrote what it may not write: the object is left as it was, and the client is told so (compensating write).
 * - It created an object that exists already, out of its sight until then: both are merged into one.
 * - It edited an object that meanwhile went out of its sight, and that is in sight again: the edits count.
 */
import {
  encodeChangeset,
  type Instruction,
  objectKey,
  type PrimaryKey,
  parseChangeset,
  samePayload,
} from "../changeset";
import { type MergeChangeset, transformChangesets } from "../merge";
import { applyInstructions } from "../object/apply";
import type { Document } from "../object/document";
import { fieldsOfDocument } from "../object/fields";
import { ObjectOverlay, type TouchedObject } from "../object/overlay";
import { rebuildObject } from "../object/rebuild";
import type { UploadedChangeset, UploadMessage } from "../protocol/client-messages";
import {
  applicationBug,
  clientReset,
  errorCodes,
  protocolViolation,
  type RejectedUpdate,
  type SessionError,
} from "../protocol/session-error";
import { ownerOf } from "../rules/rules-in-effect";
import { isSchemaInstruction } from "../schema/schema";
import { compareSchemas } from "../schema/schema-difference";
import { randomSalt } from "../storage/salt";
import type { ClientFile, TouchedEntry } from "../storage/storage";
import { passageOf, projectEntry } from "../view/projection";
import { isInView, type View } from "../view/view";
import { type DecodedEntry, decodeStored, type SyncContext, serverFileIdent } from "./context";

export type Integrated =
  | {
      readonly kind: "ok";
      readonly file: ClientFile;
      /** False when the message only reported progress: then there is nothing to acknowledge. */
      readonly hasNews: boolean;
      readonly rejected: readonly RejectedUpdate[];
    }
  | { readonly kind: "refused"; readonly error: SessionError };

class Refusal extends Error {
  readonly error: SessionError;

  constructor(error: SessionError) {
    super(error.message);
    this.error = error;
  }
}

/** @param sentVersion the newest server version this client can have heard of */
export function integrateUpload(
  context: SyncContext,
  file: ClientFile,
  message: UploadMessage,
  sentVersion: number,
): Integrated {
  const problem = progressProblem(file, message, sentVersion);
  if (problem !== undefined) return { kind: "refused", error: protocolViolation(`Upload: ${problem}.`) };
  // Repeated by a client that did not get the acknowledgement.
  const changesets = message.changesets.filter(
    ({ clientVersion }) => clientVersion > file.uploadClientVersion,
  );
  if (changesets.length === 0)
    return { kind: "ok", file, hasNews: message.changesets.length > 0, rejected: [] };
  try {
    return context.transaction(() => new Integration(context, file).run(message, changesets));
  } catch (error) {
    if (error instanceof Refusal) return { kind: "refused", error: error.error };
    throw error;
  }
}

function progressProblem(file: ClientFile, message: UploadMessage, sentVersion: number): string | undefined {
  let clientVersion = 0;
  let serverVersion = 0;
  for (const changeset of message.changesets) {
    if (changeset.clientVersion <= clientVersion) return "client versions do not increase";
    if (changeset.serverVersion < serverVersion) return "server versions decrease";
    if (changeset.originFileIdent !== 0) return "a changeset of another file";
    ({ clientVersion, serverVersion } = changeset);
    const isKnown = clientVersion <= file.uploadClientVersion;
    if (!isKnown && serverVersion < file.uploadServerVersion)
      return "a changeset is based on a forgotten version";
  }
  if (message.progressClientVersion < clientVersion) return "progress is behind its own changesets";
  if (message.progressServerVersion < serverVersion) return "server progress is behind its own changesets";
  if (message.progressServerVersion > sentVersion) return "it is based on a version that was never sent";
  return undefined;
}

type Group = { readonly baseVersion: number; readonly changesets: MergeChangeset[] };

class Integration {
  readonly #context: SyncContext;
  readonly #file: ClientFile;
  readonly #view: View;
  readonly #rejected = new Map<string, RejectedUpdate>();
  /** Objects whose writes are refused; everything else the present group says about them is ignored. */
  readonly #refused = new Set<string>();
  /** Objects that went out of the client's sight, or came into it, while the client edited them. */
  readonly #stale = new Set<string>();
  /** Objects the client must be told the real state of. */
  readonly #resync = new Map<string, ObjectName>();

  constructor(context: SyncContext, file: ClientFile) {
    this.#context = context;
    this.#file = file;
    this.#view = context.currentView(file);
  }

  run(message: UploadMessage, uploaded: readonly UploadedChangeset[]): Integrated {
    const { storage } = this.#context;
    for (const group of this.#groups(uploaded)) this.#integrateGroup(group);
    const file: ClientFile = {
      ...this.#file,
      uploadClientVersion: message.progressClientVersion,
      uploadServerVersion: message.progressServerVersion,
      lastEntryClientVersion: uploaded.at(-1)?.clientVersion ?? this.#file.lastEntryClientVersion,
      lastSeenAtMs: this.#context.options.nowMs(),
    };
    storage.putClientFile(file);
    storage.deleteReciprocals(file.ident, file.uploadServerVersion);
    return { kind: "ok", file, hasNews: true, rejected: [...this.#rejected.values()] };
  }

  /** Changesets that share a base are merged in one go. */
  *#groups(uploaded: readonly UploadedChangeset[]): Generator<Group> {
    let group: Group | undefined;
    for (const { clientVersion, serverVersion, originTimestampMs, bytes } of uploaded) {
      const parsed = parseChangeset(bytes);
      if (parsed.kind === "malformed") {
        const message = `Upload: changeset cannot be read: ${parsed.message} (at byte ${parsed.offset}).`;
        throw new Refusal({ code: errorCodes.badChangeset, action: "ProtocolViolation", message });
      }
      if (group?.baseVersion !== serverVersion) {
        if (group) yield group;
        group = { baseVersion: serverVersion, changesets: [] };
      }
      group.changesets.push({
        version: clientVersion,
        lastIntegratedRemoteVersion: serverVersion,
        originTimestampMs,
        originFileIdent: this.#file.ident,
        instructions: parsed.instructions,
      });
    }
    if (group) yield group;
  }

  #integrateGroup({ baseVersion, changesets }: Group): void {
    const window = this.#concurrentEntries(baseVersion, changesets);
    const collisions = this.#collisions(window, changesets);
    const merged = this.#merge(window, collisions, changesets);
    for (const changeset of merged) this.#integrate(changeset);
    const moved = new Map<string, ObjectName>();
    for (const { key, table, pk } of window.objects.values()) {
      if (!this.#stale.has(key) || this.#resync.has(key)) continue;
      // Even if nothing has come of the edits: the client may think that something has. What exists and is still out
      // of its sight is left alone, lest later edits that are on their way be lost.
      const exists = this.#context.storage.object(table, pk) !== undefined;
      if (!exists || this.#isSeen(table, pk)) moved.set(key, { table, pk });
    }
    // Before the next group: to that one, these states are part of what it is merged with.
    this.#appendResync(this.#resync, 0);
    this.#appendResync(moved, window.base);
    this.#resync.clear();
    this.#refused.clear();
  }

  /** The entries since the base that have anything to do with the objects or classes of these changesets. */
  #concurrentEntries(baseVersion: number, changesets: readonly MergeChangeset[]): Window {
    const { storage } = this.#context;
    // What happened before the client had any view cannot concern it.
    const base = Math.max(baseVersion, this.#file.views[0]?.fromVersion ?? 0);
    if (base < storage.historyBase().version) {
      const message = "This device was offline for longer than the server keeps its history.";
      throw new Refusal(clientReset(errorCodes.clientFileExpired, message));
    }
    const objects = new Map<string, EditedObject>();
    for (const { instructions } of changesets) {
      for (const instruction of instructions) {
        if (isSchemaInstruction(instruction)) continue;
        const { table, pk, kind } = instruction;
        const key = objectKey(table, pk);
        if (!objects.has(key)) objects.set(key, { key, table, pk, isCreatedFirst: kind === "CreateObject" });
      }
    }
    const window: Window = {
      base,
      examinedFrom: this.#examinedFrom(base, objects),
      objects,
      entries: [],
      touches: [],
      moves: new Map(),
      createdByOthers: new Set(),
    };
    for (let version = window.examinedFrom + 1; version <= storage.head().version; version++) {
      this.#examine(this.#context.entry(version), window);
    }
    this.#examineBootstraps(window);
    for (const [key, versions] of window.moves) {
      if (versions.some((version) => version > base)) this.#stale.add(key);
    }
    this.#ignoreRepeated(window);
    return window;
  }

  /** The earliest base of the edits that made the server tell this client again how objects are, since `base`. */
  #examinedFrom(base: number, objects: Window["objects"]): number {
    const { storage } = this.#context;
    const earliest = Math.max(storage.historyBase().version, this.#file.views[0]?.fromVersion ?? 0);
    let from = base;
    for (let version = base + 1; version <= storage.head().version; version++) {
      const { entry } = this.#context.entry(version);
      if (entry.targetFileIdent !== this.#file.ident || entry.originClientVersion < earliest) continue;
      if (entry.originClientVersion === 0 || entry.originClientVersion >= from) continue;
      if (entry.touched.some(({ table, pk }) => objects.has(objectKey(table, pk))))
        from = entry.originClientVersion;
    }
    return from;
  }

  /**
   * The client was told again how an object is because it edited it while it moved. What it had edited by then, and not
   * sent yet, must not be undone by that: if it had not heard of the move either, these edits count as the first did,
   * and the client is told once more.
   */
  #ignoreRepeated(window: Window): void {
    for (const { entry, unseen } of window.entries) {
      const since = entry.originClientVersion;
      if (entry.targetFileIdent === undefined || since === 0 || since > window.base) continue;
      if (since < window.examinedFrom) continue;
      for (const { table, pk } of entry.touched) {
        const key = objectKey(table, pk);
        if (!window.objects.has(key)) continue;
        const hasHeard = window.moves.get(key)?.some((at) => at > since && at <= window.base);
        if (hasHeard) continue;
        unseen.add(key);
        this.#stale.add(key);
      }
    }
  }

  #examine(decoded: DecodedEntry, window: Window): void {
    const { entry, instructions } = decoded;
    const isTargeted = entry.targetFileIdent !== undefined;
    if (isTargeted && entry.targetFileIdent !== this.#file.ident) return;
    const isOwn = entry.originFileIdent === this.#file.ident;
    const view = this.#context.viewAt(this.#file, entry.version);
    const isSent = entry.version > window.base;
    let isRelevant = false;
    const unseen = new Set<string>();
    for (const object of entry.touched) {
      const key = objectKey(object.table, object.pk);
      const edited = window.objects.get(key);
      if (!edited) continue;
      isRelevant = true;
      if (!isTargeted) window.touches.push({ version: entry.version, key, before: object.before });
      if (isTargeted) {
        // Once it has arrived, the client holds nothing any more that it had not sent.
        if (!isSent) noteMove(window, key, entry.version);
        continue;
      }
      const passage = passageOf(view, object);
      if (passage === "leaves" || (passage === "enters" && !edited.isCreatedFirst)) {
        noteMove(window, key, entry.version);
        if (isSent) this.#stale.add(key);
      }
      if (!isSent) continue;
      if (passage === "follows" && object.before === null && !isOwn) window.createdByOthers.add(key);
      const isKnown = !edited.isCreatedFirst || window.createdByOthers.has(key) || this.#stale.has(key);
      if (passage === "unseen" && !isKnown) unseen.add(key);
    }
    if (isOwn || !isSent || !(isRelevant || instructions.some(isSchemaInstruction))) return;
    const projection = isTargeted
      ? projectEntry(decoded, view, this.#file.ident, this.#context.storage.schema())
      : undefined;
    window.entries.push({
      entry,
      instructions: projection?.kind === "rewritten" ? projection.instructions : instructions,
      unseen,
    });
  }

  /**
   * New queries, too, move objects out of and into a view. What enters is sent whole and replaces what the client may
   * have of it, its own unsent edits included.
   */
  #examineBootstraps(window: Window): void {
    const { views } = this.#file;
    for (const [index, next] of views.entries()) {
      const former = views[index - 1];
      if (!former || next.fromVersion <= window.examinedFrom) continue;
      const formerView = this.#context.view(this.#file, former);
      const nextView = this.#context.view(this.#file, next);
      for (const object of window.objects.values()) {
        const fields = this.#fieldsAt(window, object, next.fromVersion);
        const { table, pk } = object;
        const wasIn = isInView(formerView, table, pk, fields);
        const isIn = isInView(nextView, table, pk, fields);
        const isMoved = wasIn !== isIn && (wasIn || !object.isCreatedFirst);
        if (isMoved || next.resent?.includes(object.key)) noteMove(window, object.key, next.fromVersion);
      }
    }
  }

  #fieldsAt(window: Window, { key, table, pk }: EditedObject, version: number): TouchedEntry["before"] {
    const next = window.touches.find((touch) => touch.key === key && touch.version > version);
    if (next) return next.before;
    const document = this.#context.storage.object(table, pk);
    return document ? this.#fields(table, document) : null;
  }

  /** Objects the client believes it makes, and that are there already without its having been able to know. */
  #collisions(window: Window, changesets: readonly MergeChangeset[]): Collisions {
    const { storage } = this.#context;
    const merging = new Map<string, Instruction[]>();
    const refused = new Set<string>();
    for (const { key, table, pk, isCreatedFirst } of window.objects.values()) {
      if (!isCreatedFirst || window.createdByOthers.has(key)) continue;
      const document = storage.object(table, pk);
      if (!document) continue;
      if (this.#isSeen(table, pk)) {
        merging.set(key, rebuildObject(storage.schema(), table, pk, document, "merging"));
        this.#resync.set(key, { table, pk });
      } else {
        refused.add(key);
        this.#reject(
          table,
          pk,
          "An object with this key exists already, outside of what this device may see.",
        );
      }
    }
    const isMerging = concerns(merging);
    const isRefused = concerns(refused);
    return {
      isColliding: (instruction) => isMerging(instruction) || isRefused(instruction),
      existing: [...merging.values()].flat(),
      changesets: changesets.map((changeset) => ({
        ...changeset,
        instructions: changeset.instructions.filter(isMerging),
      })),
    };
  }

  #merge(
    window: Window,
    { isColliding, existing, changesets: colliding }: Collisions,
    changesets: readonly MergeChangeset[],
  ): MergeChangeset[] {
    const ours = window.entries.map((decoded) => this.#reciprocal(decoded));
    // To this client, an object that it could not see has no history it could follow.
    const followed = ours.map((changeset, index) => {
      const unseen = concerns(window.entries[index]?.unseen ?? new Set());
      return without(changeset, (instruction) => isColliding(instruction) || unseen(instruction));
    });
    const rest = changesets.map((changeset) => without(changeset, isColliding));
    const result = transform(followed, rest);
    for (const [index, changeset] of result.ours.entries()) {
      if (changeset.instructions === ours[index]?.instructions) continue;
      const { entry, unseen } = window.entries[index] ?? {};
      // What was left out here may still count for edits that come later.
      const ignored = entry?.targetFileIdent === undefined ? () => false : concerns(unseen ?? new Set());
      const kept = ours[index]?.instructions.filter(ignored) ?? [];
      const bytes = encodeChangeset([...changeset.instructions, ...kept]);
      this.#context.storage.putReciprocal(this.#file.ident, changeset.version, bytes);
    }
    if (existing.length === 0) return result.theirs;

    const known: MergeChangeset = {
      version: window.base,
      lastIntegratedRemoteVersion: 0,
      originTimestampMs: 0,
      originFileIdent: serverFileIdent,
      instructions: existing,
    };
    const added = transform([known], colliding).theirs;
    // Instructions on different objects do not depend on each other's order.
    return result.theirs.map((changeset, index) => ({
      ...changeset,
      instructions: [...changeset.instructions, ...(added[index]?.instructions ?? [])],
    }));
  }

  /** The entry as this client sees it after its own earlier changes. */
  #reciprocal({ entry, instructions }: DecodedEntry): MergeChangeset {
    const stored = this.#context.storage.reciprocal(this.#file.ident, entry.version);
    return {
      version: entry.version,
      lastIntegratedRemoteVersion: entry.originClientVersion,
      originTimestampMs: entry.originTimestampMs,
      originFileIdent: entry.originFileIdent,
      instructions: stored ? decodeStored(stored) : instructions,
    };
  }

  #integrate(changeset: MergeChangeset): void {
    const { storage, options } = this.#context;
    const schemaBefore = storage.schema();
    for (;;) {
      const objects = new ObjectOverlay((table, pk) => storage.object(table, pk));
      const accepted = changeset.instructions.filter((instruction) => !this.#isRefused(instruction));
      const applied = applyInstructions(schemaBefore, objects, accepted);
      if (applied.kind === "schemaConflict") {
        throw new Refusal(applicationBug(errorCodes.invalidSchemaChange, applied.message));
      }
      if (applied.kind === "badChangeset") {
        const message = `The server cannot apply a change of this device: ${applied.message}.`;
        throw new Refusal(clientReset(errorCodes.badChangeset, message));
      }
      if (applied.schema !== schemaBefore) {
        if (!options.developmentMode) {
          const { addedTexts } = compareSchemas(schemaBefore, applied.schema);
          const named = addedTexts.slice(0, 5).join(", ");
          const more = addedTexts.length > 5 ? ` and ${addedTexts.length - 5} more` : "";
          const message = `The app has classes or properties that the server's schema does not have: ${named}${more}.`;
          throw new Refusal(clientReset(errorCodes.invalidSchemaChange, message));
        }
        storage.setSchema(applied.schema);
      }
      const refusedBefore = this.#refused.size;
      for (const object of objects.touched) this.#judge(object);
      // A refused object is as it was before; the others do not depend on it.
      if (this.#refused.size > refusedBefore) {
        if (applied.schema !== schemaBefore) storage.setSchema(schemaBefore);
        continue;
      }
      this.#append(changeset, applied.effective, objects.touched);
      return;
    }
  }

  /** Refuses an object if the client may not have written what it has written. */
  #judge({ table, pk, before, after }: TouchedObject): void {
    const { permissions } = this.#view;
    const key = objectKey(table, pk);
    const fieldsBefore = before ? this.#fields(table, before) : null;
    const fieldsAfter = after ? this.#fields(table, after) : null;
    for (const fields of [fieldsBefore, fieldsAfter]) {
      if (fields && !permissions.mayWrite(table, pk, fields)) {
        const rule = permissions.writeRule(table);
        this.#reject(
          table,
          pk,
          rule.kind === "ok"
            ? "The rules do not let this user write the object."
            : `The rule of class ${table} does not fit it: ${rule.message}.`,
        );
        return;
      }
    }
    const wasIn = isInView(this.#view, table, pk, fieldsBefore);
    const isIn = isInView(this.#view, table, pk, fieldsAfter);
    if (fieldsBefore && !wasIn && !this.#stale.has(key)) {
      this.#reject(table, pk, "The object is outside of this device's subscriptions.");
      return;
    }
    if (!fieldsBefore && fieldsAfter && !isIn) {
      this.#reject(table, pk, "The new object matches none of this device's subscriptions.");
      return;
    }
    if (wasIn && fieldsAfter && !isIn) this.#stale.add(key);
  }

  #append(
    changeset: MergeChangeset,
    instructions: readonly Instruction[],
    touched: readonly TouchedObject[],
  ): void {
    const { storage } = this.#context;
    const { rules } = this.#context.rules;
    storage.appendHistory({
      version: storage.head().version + 1,
      salt: randomSalt(),
      originFileIdent: this.#file.ident,
      originClientVersion: changeset.version,
      originTimestampMs: changeset.originTimestampMs,
      storedAtMs: this.#context.options.nowMs(),
      changeset: encodeChangeset(instructions),
      touched: touched.map((object) => this.#touchedEntry(object)),
    });
    for (const { table, pk, after } of touched) {
      if (after) storage.putObject(table, pk, after, ownerOf(rules, table, this.#fields(table, after)));
      else storage.deleteObject(table, pk);
    }
  }

  #touchedEntry({ table, pk, before, after }: TouchedObject): TouchedEntry {
    const schema = this.#context.storage.schema();
    const fieldsBefore = before ? this.#context.recordedFields(schema, table, before) : null;
    const fieldsAfter = after ? this.#context.recordedFields(schema, table, after) : null;
    const entry = { table, pk, before: fieldsBefore, after: fieldsAfter };
    const mayEnter = after && fieldsBefore && fieldsAfter && !sameFields(fieldsBefore, fieldsAfter);
    return mayEnter ? { ...entry, snapshot: after } : entry;
  }

  /** @param baseVersion what the client's edits were based on, if they count; 0 if some of them do not */
  #appendResync(objects: ReadonlyMap<string, ObjectName>, baseVersion: number): void {
    if (objects.size === 0) return;
    const { storage } = this.#context;
    const schema = storage.schema();
    const instructions: Instruction[] = [];
    const touched: TouchedEntry[] = [];
    for (const { table, pk } of objects.values()) {
      const document = storage.object(table, pk);
      const fields = document ? this.#context.recordedFields(schema, table, document) : null;
      touched.push({ table, pk, before: fields, after: fields });
      if (document) {
        for (const step of rebuildObject(schema, table, pk, document, "all")) instructions.push(step);
      } else {
        instructions.push({ kind: "EraseObject", table, pk });
      }
    }
    storage.appendHistory({
      version: storage.head().version + 1,
      salt: randomSalt(),
      originFileIdent: serverFileIdent,
      originClientVersion: baseVersion,
      originTimestampMs: this.#context.timestampMs(),
      storedAtMs: this.#context.options.nowMs(),
      changeset: encodeChangeset(instructions),
      touched,
      targetFileIdent: this.#file.ident,
    });
  }

  #reject(table: string, pk: PrimaryKey, reason: string): void {
    const key = objectKey(table, pk);
    this.#rejected.set(key, { table, pk, reason });
    this.#refused.add(key);
    this.#resync.set(key, { table, pk });
  }

  #isRefused(instruction: Instruction): boolean {
    return (
      !isSchemaInstruction(instruction) && this.#refused.has(objectKey(instruction.table, instruction.pk))
    );
  }

  #isSeen(table: string, pk: PrimaryKey): boolean {
    const document = this.#context.storage.object(table, pk);
    return document !== undefined && isInView(this.#view, table, pk, this.#fields(table, document));
  }

  /** The fields that decide about permission and about this client's present view. */
  #fields(table: string, document: Document) {
    const schema = this.#context.storage.schema();
    return fieldsOfDocument(schema, table, document, schema.get(table)?.columns.keys() ?? []);
  }
}

type EditedObject = {
  readonly key: string;
  readonly table: string;
  readonly pk: PrimaryKey;
  readonly isCreatedFirst: boolean;
};

type ConcurrentEntry = DecodedEntry & {
  /** Objects of it that the client makes itself, not having been able to see them. */
  readonly unseen: Set<string>;
};

type ObjectName = { readonly table: string; readonly pk: PrimaryKey };

type Window = {
  readonly base: number;
  /** At or before the base: moves are known from here on. */
  readonly examinedFrom: number;
  readonly objects: ReadonlyMap<string, EditedObject>;
  readonly entries: ConcurrentEntry[];
  /** How the edited objects were before each entry since the base that touched them. */
  readonly touches: {
    readonly version: number;
    readonly key: string;
    readonly before: TouchedEntry["before"];
  }[];
  /** The versions at which an edited object went out of the client's sight or came into it, or was sent once more. */
  readonly moves: Map<string, number[]>;
  /** Made by another client since the base, in this client's sight from the start: an ordinary conflict. */
  readonly createdByOthers: Set<string>;
};

type Collisions = {
  readonly isColliding: (instruction: Instruction) => boolean;
  /** What is there already, as instructions that would make it. */
  readonly existing: readonly Instruction[];
  /** What the client says about those that will be merged. */
  readonly changesets: readonly MergeChangeset[];
};

function noteMove({ moves }: Window, key: string, version: number): void {
  moves.set(key, [...(moves.get(key) ?? []), version]);
}

function concerns(objectKeys: { has(key: string): boolean }): (instruction: Instruction) => boolean {
  return (instruction) =>
    !isSchemaInstruction(instruction) && objectKeys.has(objectKey(instruction.table, instruction.pk));
}

function without(changeset: MergeChangeset, unwanted: (instruction: Instruction) => boolean): MergeChangeset {
  return changeset.instructions.some(unwanted)
    ? { ...changeset, instructions: changeset.instructions.filter((instruction) => !unwanted(instruction)) }
    : changeset;
}

function transform(ours: readonly MergeChangeset[], theirs: readonly MergeChangeset[]) {
  const result = transformChangesets(ours, theirs);
  if (result.kind === "ok") return result;
  throw new Refusal(
    result.cause === "schema"
      ? applicationBug(errorCodes.invalidSchemaChange, result.message)
      : clientReset(
          errorCodes.badChangeset,
          `The server cannot merge a change of this device: ${result.message}.`,
        ),
  );
}

function sameFields(a: NonNullable<TouchedEntry["before"]>, b: NonNullable<TouchedEntry["before"]>): boolean {
  if (a.size !== b.size) return false;
  for (const [name, value] of a) {
    const other = b.get(name);
    if (!other || !samePayload(value, other)) return false;
  }
  return true;
}
