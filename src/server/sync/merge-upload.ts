/**
 * Merges the changesets of an upload that share a base with what happened since. An object that the client makes, and
 * that was there already without its having been able to know, becomes one with what is there. Reads, and changes nothing.
 */
import { encodeChangeset, type Instruction, objectKey } from "../changeset";
import { type MergeChangeset, transformChangesets } from "../merge";
import { rebuildObject } from "../object/rebuild";
import { applicationBug, clientReset, errorCodes } from "../protocol/session-error";
import type { ClientFile } from "../storage/storage";
import { concerns } from "./concerns";
import type { ConcurrentEntry, Window } from "./concurrent-entries";
import { decodeStored, type SyncContext, serverFileIdent } from "./context";
import { Refusal } from "./refusal";
import { inSlices, type Sliced } from "./slices";
import type { ObjectName } from "./tell-again";

/** Objects the client believes it makes, and that are there already. */
export type Collisions = {
  /** In its sight: what is there, as instructions that would make it, and what the client makes become one. */
  readonly merging: ReadonlyMap<string, ObjectName & { readonly existing: readonly Instruction[] }>;
  /** Out of its sight: what the client makes is undone. */
  readonly refused: ReadonlyMap<string, ObjectName>;
};

export type MergedUpload = {
  /** Each with the objects it made and of which the merge has left nothing. */
  readonly changesets: readonly {
    readonly changeset: MergeChangeset;
    readonly lost: readonly ObjectName[];
  }[];
  /** The concurrent entries that this client sees differently from now on, as stored bytes by version. */
  readonly reciprocals: ReadonlyMap<number, Uint8Array>;
};

/** @param isSeen whether an object that exists is in the client's present sight */
export function* findCollisions(
  context: SyncContext,
  window: Window,
  isSeen: (object: ObjectName) => boolean,
): Sliced<Collisions> {
  const { storage } = context;
  const merging = new Map<string, ObjectName & { existing: readonly Instruction[] }>();
  const refused = new Map<string, ObjectName>();
  yield* inSlices(window.objects.values(), context.perSlice, ({ key, table, pk, isCreatedFirst }) => {
    if (!isCreatedFirst || window.createdByOthers.has(key)) return;
    const document = storage.object(table, pk);
    if (!document) return;
    if (!isSeen({ table, pk })) {
      refused.set(key, { table, pk });
      return;
    }
    const existing = rebuildObject(storage.schema(), table, pk, document, "merging");
    merging.set(key, { table, pk, existing });
  });
  return { merging, refused };
}

/** @throws Refusal when they cannot be merged */
export function mergeUpload(
  context: SyncContext,
  file: ClientFile,
  window: Window,
  { merging, refused }: Collisions,
  changesets: readonly MergeChangeset[],
): MergedUpload {
  const isMerging = concerns(merging);
  const isRefused = concerns(refused);
  const isColliding = (instruction: Instruction) => isMerging(instruction) || isRefused(instruction);
  const ours = window.entries.map((entry) => asSeenBy(context, file, entry));
  // To this client, an object that it could not see has no history it could follow.
  const followed = ours.map((changeset, index) => {
    const isUnseen = concerns(window.entries[index]?.unseen ?? new Set());
    return without(changeset, (instruction) => isColliding(instruction) || isUnseen(instruction));
  });
  const rest = changesets.map((changeset) => without(changeset, isColliding));
  const result = transform(followed, rest);
  const reciprocals = new Map<number, Uint8Array>();
  for (const [index, changeset] of result.ours.entries()) {
    if (changeset.instructions === ours[index]?.instructions) continue;
    const { entry, unseen } = window.entries[index] ?? {};
    // What was left out here may still count for edits that come later.
    const isIgnored = entry?.targetFileIdent === undefined ? () => false : concerns(unseen ?? new Set());
    const ignored = ours[index]?.instructions.filter(isIgnored) ?? [];
    reciprocals.set(changeset.version, encodeChangeset([...changeset.instructions, ...ignored]));
  }
  const kept = result.theirs.map((changeset, index) => ({
    changeset,
    lost: lostCreations(rest[index]?.instructions ?? [], changeset.instructions),
  }));
  if (merging.size === 0) return { changesets: kept, reciprocals };

  const known: MergeChangeset = {
    version: window.base,
    lastIntegratedRemoteVersion: 0,
    originTimestampMs: 0,
    originFileIdent: serverFileIdent,
    instructions: [...merging.values()].flatMap(({ existing }) => existing),
  };
  const colliding = changesets.map((changeset) => ({
    ...changeset,
    instructions: changeset.instructions.filter(isMerging),
  }));
  const added = transform([known], colliding).theirs;
  // Instructions on different objects do not depend on each other's order.
  const merged = kept.map(({ changeset, lost }, index) => ({
    changeset: {
      ...changeset,
      instructions: [...changeset.instructions, ...(added[index]?.instructions ?? [])],
    },
    lost,
  }));
  return { changesets: merged, reciprocals };
}

function lostCreations(before: readonly Instruction[], after: readonly Instruction[]): ObjectName[] {
  // The merge hands on what it does not change.
  if (before === after) return [];
  const created = new Map<string, ObjectName>();
  for (const instruction of before) {
    if (instruction.kind !== "CreateObject") continue;
    const { table, pk } = instruction;
    created.set(objectKey(table, pk), { table, pk });
  }
  for (const { kind, ...at } of after)
    if (kind === "CreateObject" && "pk" in at) created.delete(objectKey(at.table, at.pk));
  return [...created.values()];
}

/** The entry as this client sees it after its own earlier changes. */
function asSeenBy(
  context: SyncContext,
  file: ClientFile,
  { entry, instructions }: ConcurrentEntry,
): MergeChangeset {
  const stored = context.storage.reciprocal(file.ident, entry.version);
  return {
    version: entry.version,
    lastIntegratedRemoteVersion: entry.originClientVersion,
    originTimestampMs: entry.originTimestampMs,
    originFileIdent: entry.originFileIdent,
    instructions: stored ? decodeStored(stored) : instructions,
  };
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
