// A small world in memory for trying out recovery: a server that can go back in time, and devices that journal
// what they write, upload it, and remember what they saw, in the way the app does. Test code: no Realm, no clock;
// changes go through the tree operations, as a person's do.

import type { Note, NoteId } from "../../note";
import { applyChange, type NoteChange } from "../../note-change";
import { buildTree, type Tree } from "../../tree";
import type { Operation } from "../../tree-operations";
import { planRecovery } from "../plan";
import type {
  FieldChange,
  NoteHistory,
  PlanStep,
  RecoveryInput,
  RecoveryPlan,
  SeenValues,
} from "../plan-types";
import { rebaseStep } from "../rebase-step";

/** A note with the revision that each write gives it anew. */
export type Versioned = { readonly note: Note; readonly revision: string };
export type Realm = Map<NoteId, Versioned>;

type Write = { readonly change: NoteChange; readonly revision: string };

/** What happened, in order: enough to let others than these devices and this server do the same. */
export type Deed =
  | {
      readonly kind: "write";
      readonly device: string;
      readonly change: NoteChange;
      readonly revision: string;
    }
  /** `isAckLost`: the server has it, and the device does not know. */
  | { readonly kind: "upload"; readonly device: string; readonly isAckLost: boolean }
  | { readonly kind: "download"; readonly device: string }
  /** The server is as it was before the upload of that number, counted from 0. */
  | { readonly kind: "roll-back"; readonly toUpload: number }
  | { readonly kind: "lose-notes"; readonly ids: readonly NoteId[] }
  | { readonly kind: "lose-lists" };

export type World = {
  readonly rootId: NoteId;
  readonly recoveredId: NoteId;
  server: Realm;
  /** The server after each upload, oldest first. */
  readonly past: Realm[];
  readonly nextId: () => NoteId;
  readonly nextRevision: () => string;
  readonly onDeed: (deed: Deed) => void;
};

export type Device = {
  readonly name: string;
  realm: Realm;
  readonly journal: { readonly change: NoteChange; acked: boolean }[];
  readonly pending: Write[];
  readonly seen: Set<string>;
  readonly known: Set<NoteId>;
};

/** Ids that look as they do in the app and sort by `number`. */
export function noteIdOf(number: number): NoteId {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}` as NoteId;
}

export function createWorld(onDeed: World["onDeed"] = () => undefined): World {
  let lastId = 0x100;
  let lastRevision = 0;
  const rootId = noteIdOf(1);
  const root: Note = {
    id: rootId,
    text: "Notes",
    isRoot: true,
    parentId: null,
    orderKey: "",
    childIds: [],
    deletedAtMs: null,
    lastUpdatedMs: null,
  };
  return {
    rootId,
    recoveredId: noteIdOf(2),
    server: new Map([[rootId, { note: root, revision: "r0" }]]),
    past: [],
    nextId() {
      lastId += 1;
      return noteIdOf(lastId);
    },
    nextRevision() {
      lastRevision += 1;
      return `r${lastRevision}`;
    },
    onDeed,
  };
}

export function createDevice(world: World, name: string): Device {
  const device: Device = {
    name,
    realm: new Map(),
    journal: [],
    pending: [],
    seen: new Set(),
    known: new Set(),
  };
  download(world, device);
  return device;
}

export function notesOf(realm: Realm): Map<NoteId, Note> {
  return new Map([...realm].map(([id, { note }]) => [id, note]));
}

export function treeOf(world: World, realm: Realm): Tree<Note> {
  return buildTree(notesOf(realm).values(), world.rootId);
}

/** What a person does on a device; answers whether the operation was allowed. */
export function act(world: World, device: Device, operation: Operation): boolean {
  if (operation.kind === "refused") return false;
  commit(world, device, operation.changes);
  return true;
}

/** Each write is a new revision, unless it brings back a version that has one. */
export function commit(
  world: World,
  device: Device,
  changes: readonly NoteChange[],
  knownRevision?: string,
): void {
  for (const change of changes) {
    const write = { change, revision: knownRevision ?? world.nextRevision() };
    writeTo(device.realm, write);
    device.journal.push({ change, acked: false });
    device.pending.push(write);
    world.onDeed({ kind: "write", device: device.name, ...write });
    const id = change.kind === "create" ? change.note.id : change.id;
    remember(device, device.realm.get(id)!);
  }
}

/** Uploads everything pending; with `isAckLost` the server has it and the device does not know. */
export function upload(world: World, device: Device, isAckLost = false): void {
  if (device.pending.length === 0) return;
  world.past.push(new Map(world.server));
  world.onDeed({ kind: "upload", device: device.name, isAckLost });
  for (const write of device.pending) writeTo(world.server, write);
  if (isAckLost) return;
  device.pending.length = 0;
  for (const entry of device.journal) entry.acked = true;
}

export function download(world: World, device: Device): void {
  world.onDeed({ kind: "download", device: device.name });
  device.realm = new Map(world.server);
  for (const [id, version] of device.realm) {
    remember(device, version);
    device.known.add(id);
  }
}

export function sync(world: World, device: Device): void {
  upload(world, device);
  download(world, device);
}

/** The server is restored from a backup taken that many uploads ago. */
export function rollBack(world: World, uploads: number): void {
  const kept = Math.max(0, world.past.length - uploads);
  world.onDeed({ kind: "roll-back", toUpload: kept });
  world.server = new Map(world.past[kept] ?? world.server);
  world.past.length = kept;
}

/** Another client removes notes for good, as Realm does: every list forgets them. */
export function loseNotes(world: World, ids: readonly NoteId[]): void {
  world.onDeed({ kind: "lose-notes", ids });
  const lost = new Set(ids);
  for (const id of lost) world.server.delete(id);
  for (const [id, version] of world.server) {
    const childIds = version.note.childIds.filter((childId) => !lost.has(childId));
    world.server.set(id, { ...version, note: { ...version.note, childIds } });
  }
}

/** The server keeps the notes and loses every list of children, as Stashpad's did. */
export function loseLists(world: World): void {
  world.onDeed({ kind: "lose-lists" });
  for (const [id, version] of world.server) {
    world.server.set(id, { ...version, note: { ...version.note, childIds: [] } });
  }
}

/**
 * What the device has seen until now, to be asked about any state of the server, now or later: what a fresh copy
 * shows afterwards must be no evidence of anything.
 */
export function seenBy(device: Device): (server: Realm) => SeenValues {
  const seen = new Set(device.seen);
  const known = new Set(device.known);
  return (server) => {
    const versions = new Map(server);
    return {
      earlier(id) {
        const version = versions.get(id);
        return version !== undefined && seen.has(fingerprint(version));
      },
      known: (id) => known.has(id),
    };
  };
}

export function recoveryInput(
  world: World,
  device: Device,
  resetId: string,
  more: Partial<RecoveryInput> = {},
): RecoveryInput {
  return {
    resetId,
    rootId: world.rootId,
    recoveredId: world.recoveredId,
    local: notesOf(device.realm),
    remote: notesOf(world.server),
    history: historyOf(device),
    seen: seenBy(device)(world.server),
    historyTrusted: true,
    ...more,
  };
}

/** Plans, writes, uploads and goes on with the fresh copy. The input is kept for planning again. */
export function recover(
  world: World,
  device: Device,
  input: RecoveryInput,
  planner: (input: RecoveryInput) => RecoveryPlan = planRecovery,
): RecoveryPlan {
  const plan = planner(input);
  const backup = device.realm;
  download(world, device);
  device.pending.length = 0;
  for (const entry of device.journal) entry.acked = true;
  for (const step of plan.steps) {
    const revision = step.asItWas ? backup.get(step.note.id)?.revision : undefined;
    commit(world, device, changesOf(step, device.realm), revision);
  }
  sync(world, device);
  return plan;
}

export function changesOf(step: PlanStep, realm: Realm): NoteChange[] {
  const current = realm.get(step.note.id)?.note ?? null;
  const target = rebaseStep(step, current);
  if (current === null) return [{ kind: "create", note: { ...target, childIds: [] } }];
  const { id } = target;
  const changes: NoteChange[] = [];
  if (current.text !== target.text) {
    changes.push({ kind: "text", id, before: current.text, after: target.text });
  }
  if (current.parentId !== target.parentId || current.orderKey !== target.orderKey) {
    const before = { parentId: current.parentId, orderKey: current.orderKey };
    changes.push({
      kind: "place",
      id,
      before,
      after: { parentId: target.parentId, orderKey: target.orderKey },
    });
  }
  if (current.deletedAtMs !== target.deletedAtMs) {
    changes.push({ kind: "deleted", id, before: current.deletedAtMs, after: target.deletedAtMs });
  }
  return changes;
}

function remember(device: Device, version: Versioned): void {
  device.seen.add(fingerprint(version));
}

function fingerprint({ note, revision }: Versioned): string {
  return JSON.stringify([note.id, revision, note.text, note.parentId, note.orderKey, note.deletedAtMs]);
}

function historyOf(device: Device): Map<NoteId, NoteHistory> {
  type Growing = {
    created: NoteHistory["created"];
    text: FieldChange<string>[];
    place: FieldChange<{ parentId: NoteId | null; orderKey: string }>[];
    deletedAtMs: FieldChange<number | null>[];
  };
  const histories = new Map<NoteId, Growing>();
  for (const { change, acked } of device.journal) {
    const id = change.kind === "create" ? change.note.id : change.id;
    let history = histories.get(id);
    if (history === undefined) {
      history = { created: "elsewhere", text: [], place: [], deletedAtMs: [] };
      histories.set(id, history);
    }
    if (change.kind === "create") history.created = acked ? "acked" : "unacked";
    else if (change.kind === "text") history.text.push({ ...change, acked, atMs: 0 });
    else if (change.kind === "place") history.place.push({ ...change, acked, atMs: 0 });
    else history.deletedAtMs.push({ ...change, acked, atMs: 0 });
  }
  return histories;
}

/** One write as the note store does it: the note, and the lists of its old and new parent that mirror its place. */
function writeTo(realm: Realm, { change, revision }: Write): void {
  const id = change.kind === "create" ? change.note.id : change.id;
  const before = realm.get(id)?.note;
  const after = applyChange(before, change);
  if (after === undefined) return;
  realm.set(id, { note: { ...after, childIds: before?.childIds ?? [] }, revision });
  if (change.kind !== "create" && change.kind !== "place") return;
  if (before?.parentId) mirror(realm, before.parentId, id, null);
  if (after.parentId) mirror(realm, after.parentId, id, after.orderKey);
}

function mirror(realm: Realm, parentId: NoteId, id: NoteId, orderKey: string | null): void {
  const parent = realm.get(parentId);
  if (parent === undefined) return;
  const childIds = parent.note.childIds.filter((childId) => childId !== id);
  if (orderKey !== null) {
    const at = childIds.findLastIndex((childId) => (realm.get(childId)?.note.orderKey ?? "") <= orderKey);
    childIds.splice(at + 1, 0, id);
  }
  realm.set(parentId, { ...parent, note: { ...parent.note, childIds } });
}
