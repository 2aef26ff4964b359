/**
 * What an upload must be merged with: the entries since its base that concern the objects it edits, as its author sees
 * them, and how these objects moved out of the author's sight and into it meanwhile. Reads, and changes nothing.
 */
import { objectKey, type PrimaryKey } from "../changeset";
import type { MergeChangeset } from "../merge";
import { clientReset, errorCodes } from "../protocol/session-error";
import { isSchemaInstruction } from "../schema/schema";
import type { ClientFile, TouchedEntry } from "../storage/storage";
import { passageOf } from "../view/projection";
import { isInView } from "../view/view";
import type { DecodedEntry, SyncContext } from "./context";
import { Refusal } from "./refusal";

export type EditedObject = {
  readonly key: string;
  readonly table: string;
  readonly pk: PrimaryKey;
  readonly isCreatedFirst: boolean;
};

export type ConcurrentEntry = DecodedEntry & {
  /** Objects of it that the client makes itself, not having been able to see them. */
  readonly unseen: Set<string>;
};

export type Window = {
  readonly base: number;
  readonly objects: ReadonlyMap<string, EditedObject>;
  readonly entries: readonly ConcurrentEntry[];
  /** Made by another client since the base, in this client's sight from the start: an ordinary conflict. */
  readonly createdByOthers: ReadonlySet<string>;
  /** Objects that went out of the client's sight, or came into it, while the client edited them. */
  readonly moved: ReadonlySet<string>;
  /**
   * Those of them that the client has been sent whole since: it has lost these edits by that, and may have made others
   * on top of what it was sent.
   */
  readonly replaced: ReadonlySet<string>;
};

/**
 * The entries since the base that have anything to do with the objects or classes of these changesets.
 *
 * @param movedBefore what has moved according to earlier changesets of the same upload
 * @throws Refusal when the history no longer reaches back to the base
 */
export function concurrentEntries(
  context: SyncContext,
  file: ClientFile,
  baseVersion: number,
  changesets: readonly MergeChangeset[],
  movedBefore: ReadonlySet<string>,
): Window {
  // What happened before the client had any view cannot concern it.
  const base = Math.max(baseVersion, file.views[0]?.fromVersion ?? 0);
  if (base < context.storage.historyBase().version) {
    const message = "This device was offline for longer than the server keeps its history.";
    throw new Refusal(clientReset(errorCodes.clientFileExpired, message));
  }
  return new Examination(context, file, base, editedObjects(changesets), movedBefore).window();
}

function editedObjects(changesets: readonly MergeChangeset[]): Map<string, EditedObject> {
  const objects = new Map<string, EditedObject>();
  for (const { instructions } of changesets) {
    for (const instruction of instructions) {
      if (isSchemaInstruction(instruction)) continue;
      const { table, pk, kind } = instruction;
      const key = objectKey(table, pk);
      if (!objects.has(key)) objects.set(key, { key, table, pk, isCreatedFirst: kind === "CreateObject" });
    }
  }
  return objects;
}

class Examination {
  readonly #context: SyncContext;
  readonly #file: ClientFile;
  readonly #base: number;
  /** At or before the base: moves are known from here on. */
  readonly #examinedFrom: number;
  readonly #objects: ReadonlyMap<string, EditedObject>;
  readonly #entries: ConcurrentEntry[] = [];
  /** How the edited objects were before each entry that touched them. */
  readonly #touches: {
    readonly version: number;
    readonly key: string;
    readonly before: TouchedEntry["before"];
  }[] = [];
  /** The versions at which an edited object went out of the client's sight or came into it, or was sent once more. */
  readonly #moves = new Map<string, number[]>();
  readonly #createdByOthers = new Set<string>();
  readonly #moved: Set<string>;
  readonly #replaced = new Set<string>();

  constructor(
    context: SyncContext,
    file: ClientFile,
    base: number,
    objects: ReadonlyMap<string, EditedObject>,
    movedBefore: ReadonlySet<string>,
  ) {
    this.#context = context;
    this.#file = file;
    this.#base = base;
    this.#objects = objects;
    this.#moved = new Set(movedBefore);
    this.#examinedFrom = this.#earliestBase();
  }

  window(): Window {
    for (let version = this.#examinedFrom + 1; version <= this.#context.storage.head().version; version++) {
      this.#examine(this.#context.entry(version));
    }
    this.#examineBootstraps();
    for (const [key, versions] of this.#moves) {
      if (versions.some((version) => version > this.#base)) this.#moved.add(key);
    }
    this.#ignoreRepeated();
    return {
      base: this.#base,
      objects: this.#objects,
      entries: this.#entries,
      createdByOthers: this.#createdByOthers,
      moved: this.#moved,
      replaced: this.#replaced,
    };
  }

  /** The earliest base of the edits that made the server tell this client again how objects are, since the base. */
  #earliestBase(): number {
    const { storage } = this.#context;
    const earliest = Math.max(storage.historyBase().version, this.#file.views[0]?.fromVersion ?? 0);
    let from = this.#base;
    for (let version = this.#base + 1; version <= storage.head().version; version++) {
      const { entry } = this.#context.entry(version);
      if (entry.targetFileIdent !== this.#file.ident || entry.originClientVersion < earliest) continue;
      if (entry.originClientVersion === 0 || entry.originClientVersion >= from) continue;
      if (entry.touched.some(({ table, pk }) => this.#objects.has(objectKey(table, pk))))
        from = entry.originClientVersion;
    }
    return from;
  }

  #examine(decoded: DecodedEntry): void {
    const { entry, instructions } = decoded;
    const isTargeted = entry.targetFileIdent !== undefined;
    if (isTargeted && entry.targetFileIdent !== this.#file.ident) return;
    const isOwn = entry.originFileIdent === this.#file.ident;
    const view = this.#context.viewAt(this.#file, entry.version);
    const isSent = entry.version > this.#base;
    let isRelevant = false;
    const unseen = new Set<string>();
    for (const object of entry.touched) {
      const key = objectKey(object.table, object.pk);
      const edited = this.#objects.get(key);
      if (!edited) continue;
      isRelevant = true;
      if (!isTargeted) this.#touches.push({ version: entry.version, key, before: object.before });
      if (isTargeted) {
        // Once it has arrived, the client holds nothing any more that it had not sent.
        if (!isSent) this.#noteMove(key, entry.version);
        continue;
      }
      const passage = passageOf(view, object);
      if (passage === "leaves" || (passage === "enters" && !edited.isCreatedFirst)) {
        this.#noteMove(key, entry.version);
        if (isSent) this.#moved.add(key);
        if (isSent && passage === "enters") this.#replaced.add(key);
      }
      if (!isSent) continue;
      if (passage === "follows" && object.before === null && !isOwn) this.#createdByOthers.add(key);
      const isKnown = !edited.isCreatedFirst || this.#createdByOthers.has(key) || this.#moved.has(key);
      if (passage === "unseen" && !isKnown) unseen.add(key);
    }
    if (isOwn || !isSent || !(isRelevant || instructions.some(isSchemaInstruction))) return;
    // An entry for this client alone says how the objects are, also where it is shown less: what was out of its sight
    // is erased there and not here, and must not take the client's edits with it.
    this.#entries.push({ entry, instructions, unseen });
  }

  /**
   * New queries, too, move objects out of and into a view. What enters is sent whole and replaces what the client may
   * have of it, its own unsent edits included. One that the client makes itself and that is there by now is merged with
   * it; but if what had entered is gone again, the client must be told so: its bootstrap may never arrive.
   */
  #examineBootstraps(): void {
    const { views } = this.#file;
    for (const [index, next] of views.entries()) {
      const former = views[index - 1];
      if (!former || next.fromVersion <= this.#examinedFrom) continue;
      const formerView = this.#context.view(this.#file, former);
      const nextView = this.#context.view(this.#file, next);
      for (const object of this.#objects.values()) {
        const { key, table, pk } = object;
        const fields = this.#fieldsAt(object, next.fromVersion);
        const wasIn = isInView(formerView, table, pk, fields);
        const isIn = isInView(nextView, table, pk, fields);
        const isMerged =
          object.isCreatedFirst &&
          !this.#createdByOthers.has(key) &&
          this.#context.storage.object(table, pk) !== undefined;
        const isMoved = wasIn !== isIn && (wasIn || !isMerged);
        const isResent = next.resent?.includes(key) ?? false;
        if (!isMoved && !isResent) continue;
        this.#noteMove(key, next.fromVersion);
        if (next.fromVersion > this.#base && isIn) this.#replaced.add(key);
      }
    }
  }

  #fieldsAt({ key, table, pk }: EditedObject, version: number): TouchedEntry["before"] {
    const next = this.#touches.find((touch) => touch.key === key && touch.version > version);
    if (next) return next.before;
    const document = this.#context.storage.object(table, pk);
    return document ? this.#context.allFields(table, document) : null;
  }

  /**
   * The client was told again how an object is because it edited it while it moved. What it had edited by then, and not
   * sent yet, must not be undone by that: if it had not heard of the move either, these edits count as the first did,
   * and the client is told once more.
   */
  #ignoreRepeated(): void {
    for (const { entry, unseen } of this.#entries) {
      const since = entry.originClientVersion;
      if (entry.targetFileIdent === undefined || since === 0 || since > this.#base) continue;
      if (since < this.#examinedFrom) continue;
      for (const { table, pk } of entry.touched) {
        const key = objectKey(table, pk);
        if (!this.#objects.has(key)) continue;
        const hasHeard = this.#moves.get(key)?.some((at) => at > since && at <= this.#base);
        if (hasHeard) continue;
        unseen.add(key);
        this.#moved.add(key);
      }
    }
  }

  #noteMove(key: string, version: number): void {
    this.#moves.set(key, [...(this.#moves.get(key) ?? []), version]);
  }
}
