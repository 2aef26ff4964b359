// Stands for src/main/realm/note-realm.ts: the same calls, over a file and a wire that are simulated. What Realm was
// seen to do is kept: listeners are told later, the order of a reset is stored before anybody hears of it, the
// realm stays open and writable after it, waits reject in its own ways, and a fresh file has nothing until its
// subscription is answered.

import { join } from "node:path/posix";
import type { NotesPart } from "../../../main/realm/note-parts";
import type * as real from "../../../main/realm/note-realm";
import type { NoteSeen } from "../../../main/realm/notes-touched";
import { describeError } from "../../../main/realm/realm-errors";
import { isSameChildless, type Note, type NoteId } from "../../../shared/note";
import { placeRealm, writeWhole } from "../disk";
import { currentMachine, type Machine, theWorld } from "../machines";
import {
  applyChangeset,
  type Changeset,
  type Field,
  type Instruction,
  type NoteObject,
  type Value,
} from "../objects";
import type { ResetOrder } from "../server-model";
import { cancel, currentProcess, kill, point, schedule } from "../simulation";
import { noteOf, RealmFile, revisionOf } from "./realm-file";
import { metadataOf, metadataPath, recoveredFolder } from "./stored-orders";

type Waiter = {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
  readonly upTo: number;
};

export const openNoteRealm: typeof real.openNoteRealm = (user, _schema, sealing, onProblem, beside) => {
  const machine = currentMachine();
  const world = theWorld();
  const process = currentProcess();
  const path = beside ?? join(machine.dataDir, "mongodb-realm/perennial", user.id, "flx_sync_default.realm");
  point("open the notes");
  const found = machine.disk.nodes.get(path);
  const isNewFile = found === undefined;
  const key = sealing.realm.encryptionKey;
  const node =
    found?.kind === "file" ? found : placeRealm(machine.disk, path, new RealmFile(key, world.schema));
  const file = node.realm as RealmFile;
  if (file.key !== key && (file.key === undefined || key === undefined || !isSame(file.key, key))) {
    return { kind: "cannot-open", message: "Realm file decryption failed" };
  }
  // Realm ends the second of two processes that sync one file: "Multiple sync agents attempted to join".
  if ([...world.sessions].some((each) => each.process.machine === machine.name && each.process !== process)) {
    world.onShared(machine);
    kill(process);
  }
  file.subscribed = true;
  return { kind: "ok", realm: wrap(machine, path, file, isNewFile, user.id, onProblem) };
};

const notesPerPart = 3;

/** Live, as Realm's are: what is written between two parts shows in the second. */
function* partsOf(file: RealmFile): Generator<NotesPart> {
  for (let from = 0; from < file.view.size; from += notesPerPart) {
    const objects = [...file.view.values()].slice(from, from + notesPerPart);
    const notes = objects.map(noteOf);
    yield {
      notes,
      revisions: objects.map(revisionOf),
      lists: notes.filter(({ childIds }) => childIds.length > 0).map(({ id, childIds }) => [id, childIds]),
    };
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a).equals(b);
}

function wrap(
  machine: Machine,
  path: string,
  file: RealmFile,
  isNewFile: boolean,
  userId: string,
  onProblem: Parameters<typeof real.openNoteRealm>[3],
): real.NoteRealm {
  const world = theWorld();
  const process = currentProcess();
  const metadata = metadataOf(machine.disk, metadataPath(machine.dataDir));
  let connected = false;
  let connectionNumber = 0;
  /** The server has looked at what this file knows of it; before that neither uploads nor news go over the wire. */
  let greeted = false;
  let paused = false;
  let inactive = false;
  let closed = false;
  let complete = false;
  let sent = 0;
  let uploading = false;
  /** Something was pending since the listeners to transfers were last told that nothing is. */
  let hasToTell = false;
  const connectionListeners: ((state: real.Connection) => void)[] = [];
  const transferListeners: Parameters<real.NoteRealm["onTransfer"]>[0][] = [];
  let uploadWaiters: Waiter[] = [];
  let downloadWaiters: Waiter[] = [];
  let subscriptionWaiters: (() => void)[] = [];
  let noticeScheduled = false;
  let notify: (() => void) | null = null;

  const { work } = machine;
  const later = (delayMs: number, run: () => void) => schedule(process, delayMs, run);
  const wire = () => world.latencyMs();
  const mayConnect = () => machine.online && world.serverUp && !paused && !inactive && !closed;

  function checkFile(): ResetOrder | null {
    if (file.schema === world.schema) return world.server.check(file.client);
    return {
      action: "ClientReset",
      code: 225,
      message: "Invalid schema change: fields of Note are others now",
    };
  }

  // --- The wire --------------------------------------------------------------------------------------------

  const session = {
    process,
    path,
    networkChanged() {
      later(0, () => {
        setConnected(false);
        later(wire(), connect);
      });
    },
    newsAtServer: () => whileConnected(wire(), catchUp),
    receive: (order: ResetOrder) => whileConnected(wire(), () => fail(order)),
  };
  world.sessions.add(session);
  later(wire(), connect);
  if (file.complete) later(0, becomeComplete);

  function setConnected(next: boolean): void {
    if (connected === next) return;
    connected = next;
    connectionNumber += 1;
    greeted = false;
    uploading = false;
    for (const listener of connectionListeners) later(0, () => listener(next ? "connected" : "disconnected"));
  }

  /** Runs later if the connection is still the same then. */
  function whileConnected(delayMs: number, run: () => void): void {
    const number = connectionNumber;
    later(delayMs, () => {
      if (connected && number === connectionNumber && !closed) run();
    });
  }

  function connect(): void {
    if (connected || !mayConnect()) return;
    setConnected(true);
    whileConnected(wire(), () => {
      const wrong = checkFile();
      if (wrong !== null) return fail(wrong);
      file.client.ident ??= world.server.register();
      for (const own of file.pending) own.writer = file.client.ident;
      greeted = true;
      sent = 0;
      if (!file.complete) whileConnected(machine.bootstrapMs + wire(), bootstrap);
      else catchUp();
      sendNext();
    });
  }

  function bootstrap(): void {
    if (machine.deaf) {
      whileConnected(50, bootstrap);
      return;
    }
    point("bootstrap");
    file.complete = true;
    catchUp();
    becomeComplete();
  }

  function becomeComplete(): void {
    complete = true;
    for (const resolve of subscriptionWaiters) resolve();
    subscriptionWaiters = [];
  }

  /** The server's news arrive, and with them what it has of this file's own. */
  function catchUp(): void {
    if (machine.deaf) {
      whileConnected(50, catchUp);
      return;
    }
    if (!file.complete || !greeted) return;
    if (checkFile() !== null) return;
    if (file.client.known !== world.server.integration()) {
      point("integrate");
      file.catchUp(world.server, world.onOverruled);
      changed();
    }
    settle();
  }

  function sendNext(): void {
    if (uploading || !greeted) return;
    const next = file.pending.find(({ version }) => version > sent);
    if (next === undefined) {
      settle();
      return;
    }
    uploading = true;
    whileConnected(wire(), () => {
      uploading = false;
      const wrong = machine.refuseNextUpload ?? checkFile() ?? world.tooLarge(next);
      machine.refuseNextUpload = null;
      if (wrong !== null) return fail(wrong);
      sent = next.version;
      const before = world.server.objects();
      const hadIt = world.server.progressOf(next.writer) >= next.version;
      world.server.integrate(next);
      if (!hadIt && world.forbidden(next)) {
        world.server.write((objects) => undo(next, before, objects));
        later(wire(), () =>
          fail({ action: "Warning", code: 231, message: "Client attempted a write that is not allowed" }),
        );
      }
      for (const other of [...world.sessions]) if (other !== session) other.newsAtServer();
      whileConnected(wire(), catchUp);
      sendNext();
    });
  }

  function settle(): void {
    const oldestPending = file.pending[0]?.version ?? Number.POSITIVE_INFINITY;
    uploadWaiters = uploadWaiters.filter((waiter) => {
      if (waiter.upTo >= oldestPending) return true;
      waiter.resolve();
      return false;
    });
    // That there is nothing more is the server's word, too.
    if (!machine.deaf && file.complete && file.client.known === world.server.integration()) {
      for (const { resolve } of downloadWaiters) resolve();
      downloadWaiters = [];
    }
    if (file.pending.length > 0) hasToTell = true;
    else if (hasToTell) {
      hasToTell = false;
      for (const listener of transferListeners) listener("upload", 1, 1);
    }
  }

  function fail(order: ResetOrder): void {
    const { action, code, message } = order;
    const isReset = action === "ClientReset" || action === "DeleteRealm";
    if (action !== "Warning") {
      inactive = true;
      setConnected(false);
    }
    const recoveryPath = join(recoveredFolder(machine.dataDir), recoveredName());
    if (isReset) {
      point(`store the order of ${code}`);
      const move = action === "ClientReset";
      metadata.orders.set(path, {
        originalPath: path,
        recoveryPath: move ? recoveryPath : "",
        userId,
        action: move ? "move" : "delete",
      });
    }
    later(1, () => {
      const about = { code, message, originalPath: path };
      if (action === "ClientReset") onProblem({ kind: "client-reset", ...about, recoveryPath });
      else if (action === "DeleteRealm") onProblem({ kind: "delete-realm", ...about });
      else onProblem({ kind: action === "Warning" ? "warning" : "fatal", code, message });
    });
    if (action === "Warning") return;
    for (const { reject } of [...uploadWaiters, ...downloadWaiters]) reject({ message, errorCode: code });
    uploadWaiters = [];
    downloadWaiters = [];
  }

  function recoveredName(): string {
    world.nextName += 1;
    return `recovered_realm-20260101-000000-XX${String(world.nextName).padStart(6, "0")}`;
  }

  function wait(waiters: () => Waiter[], timeoutMs: number, upTo: number, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = later(timeoutMs, () => reject(new Error(`${what} did not complete in ${timeoutMs} ms.`)));
      const done = (run: () => void) => () => {
        cancel(timer);
        run();
      };
      waiters().push({
        upTo,
        resolve: done(resolve),
        reject: (reason) => done(() => reject(new Error(describeError(reason))))(),
      });
    });
  }

  // --- Notes -----------------------------------------------------------------------------------------------

  function changed(): void {
    if (notify === null || noticeScheduled) return;
    noticeScheduled = true;
    later(0, () => {
      noticeScheduled = false;
      if (!closed) notify?.();
    });
  }

  function readOne(view: ReadonlyMap<NoteId, NoteObject>, id: NoteId) {
    work.reads += 1;
    return read(view, id);
  }

  function write(make: Parameters<real.NoteRealm["write"]>[0]): void {
    point("begin a transaction");
    if (!file.complete && !file.subscribed) throw new Error("Cannot write to class Note");
    const view = new Map(file.view);
    const instructions: Instruction[] = [];
    const draft = (): Changeset => ({
      writer: file.client.ident ?? 0,
      version: file.lastVersion + 1,
      knew: file.client.known,
      clockMs: Date.now() + machine.clockOffsetMs,
      instructions,
      origin: machine.origin(),
      machine: machine.name,
      journalSeq: 0,
    });
    const perform = (instruction: Instruction) => {
      instructions.push(instruction);
      work.writes += 1;
      applyChangeset(view, { ...draft(), instructions: [instruction] }, Number.POSITIVE_INFINITY);
    };
    make({
      read: (id) => withoutChildren(readOne(view, id)),
      put: (id, values, atMs, revision) => put(view, perform, id, values, atMs, revision),
      countMirrored: (id) => view.get(id)?.children.length ?? 0,
      mendMirror: (id, childIds) => mendMirror(view, perform, id, childIds),
    });
    point("commit the transaction");
    if (instructions.length === 0) return;
    const changeset = draft();
    file.commit(changeset, view);
    world.onCommitted(machine, changeset);
    changed();
    later(0, sendNext);
  }

  return {
    path,
    isNewFile,
    count: () => file.view.size,
    readAll() {
      work.reads += file.view.size;
      const notes = new Map([...file.view].map(([id, object]) => [id, noteOf(object)]));
      const revisions = new Map([...file.view].map(([id, object]) => [id, revisionOf(object)]));
      return { notes, revisions };
    },
    readInParts: () => (file.schema === "present" ? partsOf(file) : null),
    read: (id) => readOne(file.view, id),
    peek: (id) => {
      work.reads += 1;
      const object = file.view.get(id);
      return object === undefined ? null : seenOf(object);
    },
    revisionOf: (id) => {
      work.reads += 1;
      const object = file.view.get(id);
      return object === undefined ? "" : revisionOf(object);
    },
    write,
    onNotes(readBefore, { isWanted, knownIds, onTouched }) {
      let told: ReadonlyMap<NoteId, NoteObject> | null = null;
      notify = () => {
        const now = file.view;
        const before = told;
        told = now;
        if (!isWanted()) return;
        const isSame = (object: NoteObject) =>
          before === null
            ? readBefore.revisions.get(object.id) === revisionOf(object) &&
              isReadAs(readBefore.notes.get(object.id), noteOf(object))
            : before.get(object.id) === object;
        const upserted = [...now.values()].filter((object) => !isSame(object)).map(seenOf);
        const isAnyGone = [...(before ?? readBefore.notes).keys()].some((id) => !now.has(id));
        const removed = isAnyGone ? [...knownIds()].filter((id) => !now.has(id)) : [];
        if (upserted.length > 0 || removed.length > 0) onTouched({ upserted, removed });
      };
      changed();
    },
    onConnection: (listener) => connectionListeners.push(listener),
    onTransfer: (listener) => transferListeners.push(listener),
    connection: () => (connected ? "connected" : "disconnected"),
    waitForSubscriptions(timeoutMs) {
      if (complete) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const timer = later(timeoutMs, () =>
          reject(new Error(`waited ${timeoutMs} ms for the subscription`)),
        );
        subscriptionWaiters.push(() => {
          cancel(timer);
          resolve();
        });
      });
    },
    subscriptionsComplete: () => complete,
    waitForUpload(timeoutMs) {
      const waiting = wait(() => uploadWaiters, timeoutMs, file.lastVersion, "Uploading changes");
      if (!inactive) later(0, settle);
      return waiting;
    },
    waitForDownload(timeoutMs) {
      const waiting = wait(() => downloadWaiters, timeoutMs, 0, "Downloading changes");
      whileConnected(wire(), catchUp);
      return waiting;
    },
    // What is read here is always the newest; what has not been told of yet is.
    refresh() {
      if (noticeScheduled) notify?.();
    },
    pause() {
      paused = true;
      setConnected(false);
    },
    resume() {
      paused = false;
      later(wire(), connect);
    },
    simulateError: ({ code, message }) => fail({ action: "ClientReset", code, message }),
    writeCopyTo(to) {
      point(`copy the realm to ${to}`);
      writeWhole(machine.disk, to, file.toBytes());
    },
    close() {
      closed = true;
      connected = false;
      world.sessions.delete(session);
      notify = null;
    },
  } as real.NoteRealm;
}

function read(view: ReadonlyMap<NoteId, NoteObject>, id: NoteId) {
  const object = view.get(id);
  return object === undefined ? null : noteOf(object);
}

function isReadAs(before: Note | undefined, now: Note): boolean {
  return before !== undefined && isSameChildless({ ...before, childIds: [] }, { ...now, childIds: [] });
}

function seenOf(object: NoteObject): NoteSeen {
  return { note: { ...noteOf(object), childIds: [] }, revision: revisionOf(object) };
}

function withoutChildren(note: Note | null): Note | null {
  return note === null ? null : { ...note, childIds: [] };
}

let lastElement = 0;

export function resetElements(): void {
  lastElement = 0;
}

function put(
  view: ReadonlyMap<NoteId, NoteObject>,
  perform: (instruction: Instruction) => void,
  id: NoteId,
  values: real.NoteFields,
  atMs: number,
  revision: string,
): void {
  const found = read(view, id);
  if (found === null) {
    perform({ kind: "create", id });
    set("text", values.text ?? "");
    set("isRoot", values.isRoot ?? false);
  } else {
    if (values.text !== undefined) set("text", values.text);
    if (values.isRoot !== undefined && found.isRoot !== values.isRoot) set("isRoot", values.isRoot);
  }
  if (values.deletedAtMs !== undefined && (found?.deletedAtMs ?? null) !== values.deletedAtMs) {
    set("deletedAtMs", values.deletedAtMs);
  }
  if (values.place !== undefined) {
    const { parentId, orderKey } = values.place;
    const former = found?.parentId ?? null;
    set("parentId", parentId);
    set("orderKey", orderKey);
    if (former !== null) takeFrom(former);
    if (parentId !== null && view.has(parentId)) {
      takeFrom(parentId);
      insertChild(view, perform, parentId, id, orderKey);
    }
  }
  set("lastUpdatedMs", atMs);
  set("revision", revision);

  function set(field: Field, value: Value): void {
    perform({ kind: "set", id, field, value });
  }

  function takeFrom(parentId: NoteId): void {
    for (const { element, childId } of view.get(parentId)?.children ?? []) {
      if (childId === id) perform({ kind: "take", id: parentId, element });
    }
  }
}

function insertChild(
  view: ReadonlyMap<NoteId, NoteObject>,
  perform: (instruction: Instruction) => void,
  parentId: NoteId,
  childId: NoteId,
  orderKey: string,
): void {
  const { children } = view.get(parentId)!;
  const before = children.findLast((each) => (read(view, each.childId)?.orderKey ?? "") <= orderKey);
  lastElement += 1;
  const element = `e${lastElement}`;
  perform({ kind: "insert", id: parentId, after: before?.element ?? null, element, childId });
}

function mendMirror(
  view: ReadonlyMap<NoteId, NoteObject>,
  perform: (instruction: Instruction) => void,
  id: NoteId,
  childIds: readonly NoteId[],
): void {
  const object = view.get(id);
  if (object === undefined) return;
  const missing = new Set(childIds);
  const listed = new Set<NoteId>();
  for (const { element, childId } of object.children.toReversed()) {
    const belongs = missing.has(childId) || read(view, childId)?.parentId === null;
    if (belongs && !listed.has(childId)) listed.add(childId);
    else perform({ kind: "take", id, element });
  }
  for (const childId of childIds) {
    const child = listed.has(childId) ? null : read(view, childId);
    if (child !== null) insertChild(view, perform, id, childId, child.orderKey);
  }
}

/** The server's answer to a write that is not allowed: what it touched is as it was. */
function undo(
  changeset: Changeset,
  before: ReadonlyMap<NoteId, NoteObject>,
  objects: Map<NoteId, NoteObject>,
): void {
  for (const { id } of changeset.instructions) {
    const was = before.get(id);
    if (was === undefined) objects.delete(id);
    else objects.set(id, was);
  }
}

// Fails to compile when something new is to be simulated.
({ openNoteRealm }) satisfies typeof real;
