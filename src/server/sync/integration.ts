/**
 * One upload on its way into the history, from its bytes to what is written. Each changeset is transformed against what
 * others did meanwhile, applied to the objects, and becomes an entry of the history.
 *
 * A client knows only its view. Three situations need more than the plain transform, and all end with an entry that
 * is meant for this client alone and tells it how the objects really are:
 * - It wrote what it may not write: the object is left as it was, and the client is told so (compensating write).
 * - It created an object that exists already, out of its sight until then: both are merged into one.
 * - It edited an object that meanwhile went out of its sight, and that is in sight again: the edits count.
 */
import { encodeChangesetInSlices, type Instruction, objectKey, samePayload } from "../changeset";
import type { MergeChangeset } from "../merge";
import { applyInstructions } from "../object/apply";
import { ObjectOverlay, type TouchedObject } from "../object/overlay";
import type { UploadedChangeset, UploadMessage } from "../protocol/client-messages";
import { applicationBug, clientReset, errorCodes, type RejectedUpdate } from "../protocol/session-error";
import { ownerOf } from "../rules/rules-in-effect";
import type { Schema } from "../schema/schema";
import { compareSchemas } from "../schema/schema-difference";
import { randomSalt } from "../storage/salt";
import type { ClientFile, Fields, ObjectStage, TouchedEntry } from "../storage/storage";
import { isInView, type View } from "../view/view";
import { concerns } from "./concerns";
import { concurrentEntries } from "./concurrent-entries";
import type { SyncContext } from "./context";
import { judgeWrite } from "./judge-write";
import { findCollisions, mergeUpload } from "./merge-upload";
import { Refusal } from "./refusal";
import { inSlices, pausing, type Sliced } from "./slices";
import { type ObjectName, tellAgain } from "./tell-again";
import { type Group, groupsOf, readGroup } from "./upload-groups";

export type IntegratedUpload = {
  readonly kind: "ok";
  readonly file: ClientFile;
  /** False when the message only reported progress: then there is nothing to acknowledge. */
  readonly hasNews: boolean;
  readonly rejected: readonly RejectedUpdate[];
};

/** Throws `Refusal` where the client must be told an error; what was written by then is to be undone. */
export class Integration {
  readonly #context: SyncContext;
  readonly #file: ClientFile;
  readonly #view: View;
  readonly #rejected = new Map<string, RejectedUpdate>();
  /** Objects whose writes are refused; everything else the present group says about them is ignored. */
  readonly #refused = new Set<string>();
  /** Objects that went out of the client's sight, or came into it, while the client edited them. */
  #moved: Set<string> = new Set();
  /** Objects the client must be told the real state of, and whose edits do not all count. */
  readonly #corrected = new Map<string, ObjectName>();
  readonly #stages: ObjectStage[] = [];

  constructor(context: SyncContext, file: ClientFile) {
    this.#context = context;
    this.#file = file;
    this.#view = context.currentView(file);
  }

  *run(message: UploadMessage, uploaded: readonly UploadedChangeset[]): Sliced<IntegratedUpload> {
    const { storage, perSlice } = this.#context;
    for (const group of groupsOf(uploaded))
      yield* this.#integrateGroup(yield* readGroup(this.#file.ident, group, perSlice));
    yield "write";
    const file: ClientFile = {
      ...this.#file,
      uploadClientVersion: message.progressClientVersion,
      uploadServerVersion: message.progressServerVersion,
      confirmedServerVersion: Math.max(this.#file.confirmedServerVersion, message.progressServerVersion),
      lastEntryClientVersion: uploaded.at(-1)?.clientVersion ?? this.#file.lastEntryClientVersion,
      lastSeenAtMs: this.#context.options.nowMs(),
    };
    storage.putClientFile(file);
    storage.deleteReciprocals(file.ident, file.uploadServerVersion);
    return { kind: "ok", file, hasNews: true, rejected: [...this.#rejected.values()] };
  }

  *#integrateGroup({ baseVersion, changesets }: Group): Sliced<void> {
    const { storage } = this.#context;
    const window = concurrentEntries(this.#context, this.#file, baseVersion, changesets, this.#moved);
    this.#moved = new Set(window.moved);
    yield "pause";
    const collisions = yield* findCollisions(this.#context, window, (object) => this.#isSeen(object));
    for (const [key, { table, pk }] of collisions.merging) this.#corrected.set(key, { table, pk });
    for (const object of collisions.refused.values())
      this.#reject(object, "An object with this key exists already, outside of what this device may see.");
    const merged = mergeUpload(this.#context, this.#file, window, collisions, changesets);
    yield "pause";
    for (const { changeset, lost } of merged.changesets) yield* this.#integrate(changeset, lost);
    for (const [version, bytes] of merged.reciprocals)
      storage.putReciprocal(this.#file.ident, version, bytes);
    const moved = new Map<string, ObjectName>();
    for (const { key, table, pk } of window.objects.values()) {
      if (!this.#moved.has(key) || this.#corrected.has(key)) continue;
      // Even if nothing has come of the edits: the client may think that something has. What exists and is still out
      // of its sight is left alone, lest later edits that are on their way be lost; unless these may be on top of what
      // it was sent in between, without the edits of now.
      const isGone = storage.object(table, pk) === undefined;
      if (isGone || window.replaced.has(key) || this.#isSeen({ table, pk })) moved.set(key, { table, pk });
    }
    // Before the next group: to that one, these states are part of what it is merged with.
    tellAgain(this.#context, this.#file.ident, this.#corrected, 0);
    tellAgain(this.#context, this.#file.ident, moved, window.base);
    this.#corrected.clear();
    this.#refused.clear();
  }

  *#integrate(changeset: MergeChangeset, lost: readonly ObjectName[]): Sliced<void> {
    const { storage, perSlice } = this.#context;
    const schemaBefore = storage.schema();
    const isRefused = concerns(this.#refused);
    for (;;) {
      const objects = new ObjectOverlay((table, pk) => storage.object(table, pk));
      const accepted = changeset.instructions.filter((instruction) => !isRefused(instruction));
      const { schema, effective } = yield* this.#apply(schemaBefore, objects, accepted);
      if (schema !== schemaBefore) {
        yield "write";
        this.#extendSchema(schemaBefore, schema);
      }
      const refusedBefore = this.#refused.size;
      yield* inSlices(objects.touched, perSlice, (object) => this.#judge(object));
      // A refused object is as it was before; the others do not depend on it.
      if (this.#refused.size > refusedBefore) {
        if (schema !== schemaBefore) storage.setSchema(schemaBefore);
        continue;
      }
      const touched: TouchedEntry[] = [];
      yield* inSlices(objects.touched, perSlice, (object) => touched.push(this.#touchedEntry(object)));
      for (const { table, pk } of lost) {
        if (objects.has(table, pk)) continue;
        const document = storage.object(table, pk);
        const entry = this.#touchedEntry({ table, pk, before: document, after: document });
        touched.push({ ...entry, isLostCreation: true });
      }
      const bytes = yield* pausing(encodeChangesetInSlices(effective, perSlice));
      if (objects.touched.length > perSlice) {
        yield* this.#stageAndAppend(changeset, bytes, touched, objects.touched);
        return;
      }
      yield "write";
      this.#append(changeset, bytes, touched);
      this.#store(storage, objects.touched);
      return;
    }
  }

  /** So that the transaction need not write very many objects one by one. */
  *#stageAndAppend(
    changeset: MergeChangeset,
    bytes: Uint8Array,
    touched: readonly TouchedEntry[],
    objects: readonly TouchedObject[],
  ): Sliced<void> {
    const stage = this.#context.storage.openStage();
    this.#stages.push(stage);
    yield* inSlices(objects, this.#context.perSlice, (object) => this.#store(stage, [object]));
    yield "write";
    this.#append(changeset, bytes, touched);
    stage.apply();
  }

  /** To be called in the end in any case. */
  close(): void {
    for (const stage of this.#stages) stage.close();
  }

  *#apply(
    before: Schema,
    objects: ObjectOverlay,
    instructions: readonly Instruction[],
  ): Sliced<{ readonly schema: Schema; readonly effective: readonly Instruction[] }> {
    const { perSlice } = this.#context;
    const effective: Instruction[] = [];
    let schema = before;
    for (let start = 0; start < instructions.length; start += perSlice) {
      if (start > 0) yield "pause";
      const applied = applyInstructions(schema, objects, instructions.slice(start, start + perSlice));
      if (applied.kind === "schemaConflict") {
        throw new Refusal(applicationBug(errorCodes.invalidSchemaChange, applied.message));
      }
      if (applied.kind === "badChangeset") {
        const message = `The server cannot apply a change of this device: ${applied.message}.`;
        throw new Refusal(clientReset(errorCodes.badChangeset, message));
      }
      ({ schema } = applied);
      for (const instruction of applied.effective) effective.push(instruction);
    }
    return { schema, effective };
  }

  #extendSchema(before: Schema, after: Schema): void {
    if (!this.#context.options.developmentMode) {
      const { addedTexts } = compareSchemas(before, after);
      const named = addedTexts.slice(0, 5).join(", ");
      const more = addedTexts.length > 5 ? ` and ${addedTexts.length - 5} more` : "";
      const message = `The app has classes or properties that the server's schema does not have: ${named}${more}.`;
      throw new Refusal(clientReset(errorCodes.invalidSchemaChange, message));
    }
    this.#context.storage.setSchema(after);
  }

  /** Refuses an object if the client may not have written what it has written. */
  #judge({ table, pk, before, after }: TouchedObject): void {
    const key = objectKey(table, pk);
    const written = {
      table,
      pk,
      before: before ? this.#context.allFields(table, before) : null,
      after: after ? this.#context.allFields(table, after) : null,
    };
    const verdict = judgeWrite(this.#view, written, this.#moved.has(key));
    if (verdict.kind === "refused") this.#reject({ table, pk }, verdict.reason);
    else if (verdict.leavesSight) this.#moved.add(key);
  }

  #append(changeset: MergeChangeset, bytes: Uint8Array, touched: readonly TouchedEntry[]): void {
    const { storage } = this.#context;
    storage.appendHistory({
      version: storage.head().version + 1,
      salt: randomSalt(),
      originFileIdent: this.#file.ident,
      originClientVersion: changeset.version,
      originTimestampMs: changeset.originTimestampMs,
      storedAtMs: this.#context.options.nowMs(),
      changeset: bytes,
      touched,
    });
  }

  #store(place: Pick<ObjectStage, "putObject" | "deleteObject">, touched: readonly TouchedObject[]): void {
    const { rules } = this.#context.rules;
    for (const { table, pk, after } of touched) {
      if (after)
        place.putObject(table, pk, after, ownerOf(rules, table, this.#context.allFields(table, after)));
      else place.deleteObject(table, pk);
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

  #reject({ table, pk }: ObjectName, reason: string): void {
    const key = objectKey(table, pk);
    this.#rejected.set(key, { table, pk, reason });
    this.#refused.add(key);
    this.#corrected.set(key, { table, pk });
  }

  #isSeen({ table, pk }: ObjectName): boolean {
    const document = this.#context.storage.object(table, pk);
    return (
      document !== undefined && isInView(this.#view, table, pk, this.#context.allFields(table, document))
    );
  }
}

function sameFields(a: Fields, b: Fields): boolean {
  if (a.size !== b.size) return false;
  for (const [name, value] of a) {
    const other = b.get(name);
    if (!other || !samePayload(value, other)) return false;
  }
  return true;
}
