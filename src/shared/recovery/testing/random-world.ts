// A seeded story for recovery to be tried on: two devices that write, move, trash and restore notes, go offline,
// upload without hearing of it, and a server that is restored from a backup, loses notes or loses lists. Every
// edit and creation carries a token that nobody else has, and every removal of one is written down, so that in
// the end each token can be asked for. Test code; the same seed tells the same story.

import type { NoteId } from "../../note";
import type { Tree } from "../../tree";
import {
  createNote,
  editText,
  indentNote,
  moveNote,
  type Operation,
  outdentNote,
  restoreNote,
  trashNote,
} from "../../tree-operations";
import { planRecovery } from "../plan";
import type { RecoveryInput, RecoveryPlan, SeenValues } from "../plan-types";
import {
  act,
  createDevice,
  createWorld,
  type Deed,
  type Device,
  download,
  loseLists,
  loseNotes,
  notesOf,
  type Realm,
  recover,
  recoveryInput,
  rollBack,
  seenBy,
  sync,
  treeOf,
  upload,
  type World,
} from "./world";

export type Random = {
  /** From 0 up to, not including, `limit`. */
  readonly below: (limit: number) => number;
  readonly chance: (share: number) => boolean;
  readonly pick: <T>(items: readonly T[]) => T;
};

/** Tommy Ettinger's mulberry32: small, fast, good enough for tests. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    chance: (share) => next() < share,
    pick: (items) => items[below(items.length)]!,
  };
}

export const serverEvents = ["none", "rolled-back", "lost-notes", "lost-lists"] as const;
export type ServerEvent = (typeof serverEvents)[number];

export type StoryOptions = {
  readonly event?: ServerEvent;
  readonly planner?: (input: RecoveryInput) => RecoveryPlan;
  /** False: the laptop's journal cannot be read. */
  readonly historyTrusted?: boolean;
  /** Every recovery is killed after some of its writes and planned anew from the same safety copy. */
  readonly crashes?: boolean;
  /** Deeds of each device before it goes offline, and while it is. */
  readonly deeds?: number;
  /** False: who has recovered does nothing until all have, so that what was done is the same for every planner. */
  readonly worksBetween?: boolean;
  /** Told of everything that is done until the first recovery begins. */
  readonly onDeed?: (deed: Deed) => void;
};

/** One device's recovery, with what is needed to judge it. */
export type RecoveryRun = {
  readonly device: string;
  readonly input: RecoveryInput;
  /** What the device had seen before it recovered, to be asked about another state of the server. */
  readonly seenIn: (server: Realm) => SeenValues;
  readonly plan: RecoveryPlan;
  readonly serverBefore: Realm;
  readonly serverAfter: Realm;
};

export type Story = {
  readonly seed: number;
  readonly event: ServerEvent;
  readonly world: World;
  /** Every token ever written, with the device that wrote it. */
  readonly tokens: ReadonlyMap<string, string>;
  /** The note that each token was typed into. */
  readonly homes: ReadonlyMap<string, NoteId>;
  /** Tokens that somebody who had them before the eyes took out. */
  readonly removed: ReadonlySet<string>;
  /** What each device did since the laptop went offline, by note. */
  readonly offline: ReadonlyMap<string, OfflineDeeds>;
  readonly runs: readonly RecoveryRun[];
};

export type OfflineDeeds = {
  readonly trashed: Set<NoteId>;
  readonly moved: Set<NoteId>;
  readonly touched: Set<NoteId>;
};

const tokenPattern = /#[a-z]+\.\d+/g;

export function tokensIn(text: string): string[] {
  return text.match(tokenPattern) ?? [];
}

export function tellStory(seed: number, options: StoryOptions = {}): Story {
  const random = createRandom(seed);
  const event = options.event ?? random.pick(serverEvents);
  const deeds = options.deeds ?? 6;
  const world = createWorld((deed) => {
    if (!isRecovering) options.onDeed?.(deed);
  });
  let isRecovering = false;
  const homes = new Map<string, NoteId>();
  const tokens = new Map<string, string>();
  const removed = new Set<string>();
  const offline = new Map<string, OfflineDeeds>();
  const runs: RecoveryRun[] = [];
  let clockMs = 1_000;
  let lastToken = 0;

  function token(device: Device): string {
    lastToken += 1;
    return `#${device.name}.${lastToken}`;
  }

  function add(each: string, noteId: NoteId, device: Device): void {
    tokens.set(each, device.name);
    homes.set(each, noteId);
  }

  function doSomething(device: Device): void {
    const tree = treeOf(world, device.realm);
    const ids = [...tree.rows.keys()];
    const id = random.pick(ids);
    clockMs += 1;
    const before = tree.rows.get(id)!.text;
    const operation = pickOperation(device, tree, id);
    const done = act(world, device, operation);
    if (!done || operation.kind === "refused") return;
    for (const change of operation.changes) {
      if (change.kind === "create")
        for (const each of tokensIn(change.note.text)) add(each, change.note.id, device);
      if (change.kind !== "text") continue;
      const left = new Set(tokensIn(change.after));
      for (const each of left) if (!tokens.has(each)) add(each, change.id, device);
      for (const each of tokensIn(before)) if (!left.has(each)) removed.add(each);
    }
    const own = offline.get(device.name);
    if (own === undefined) return;
    for (const change of operation.changes) {
      const noteId = change.kind === "create" ? change.note.id : change.id;
      own.touched.add(noteId);
      if (change.kind === "place") own.moved.add(noteId);
      if (change.kind === "deleted" && change.after !== null) own.trashed.add(noteId);
      if (change.kind === "deleted" && change.after === null) own.trashed.delete(noteId);
    }
  }

  function pickOperation(device: Device, tree: Tree, id: NoteId): Operation {
    const parentId = random.pick([...tree.rows.keys()]);
    const siblings = tree.children.get(parentId) ?? [];
    const target = { parentId, afterId: random.chance(0.3) ? null : (siblings.at(-1) ?? null) };
    const note = device.realm.get(id)!.note;
    switch (random.below(12)) {
      case 0:
      case 1:
        return createNote(tree, { id: world.nextId(), text: token(device), target, atMs: clockMs });
      case 2:
        return moveNote(tree, id, target);
      case 3:
        return random.chance(0.5) ? indentNote(tree, id) : outdentNote(tree, id);
      case 4:
        return trashNote(tree, id, clockMs);
      case 5:
        return restoreNote(tree, random.pick([...tree.trash, id]));
      default:
        return editText(note, changedText(device, note.text));
    }
  }

  function changedText(device: Device, text: string): string {
    const lines = text.split("\n");
    const at = random.below(lines.length + 1);
    switch (random.below(6)) {
      case 0:
        lines[at % lines.length] += ` ${token(device)}`;
        break;
      case 1:
        lines[at % lines.length] = token(device);
        break;
      case 2:
        if (lines.length > 1) lines.splice(at % lines.length, 1);
        break;
      case 3:
        lines.splice(random.below(lines.length), 0, ...lines.splice(at % lines.length, 1));
        break;
      default:
        lines.splice(at, 0, token(device));
    }
    return lines.join("\n");
  }

  function recoverDevice(device: Device, serverWentBack: boolean): void {
    const historyTrusted = device !== laptop || options.historyTrusted !== false;
    const more = { serverWentBack, historyTrusted };
    const input = recoveryInput(world, device, `reset of ${device.name}`, more);
    const seenIn = seenBy(device);
    const serverBefore = new Map(world.server);
    let now = input;
    if (options.crashes === true) {
      const backup = device.realm;
      recover(world, device, input, (each) => {
        const whole = planRecovery(each);
        return { ...whole, steps: whole.steps.slice(0, random.below(whole.steps.length + 1)) };
      });
      device.realm = backup;
      now = { ...input, remote: notesOf(world.server), seen: seenIn(world.server) };
    }
    const plan = recover(world, device, now, options.planner);
    runs.push({ device: device.name, input, seenIn, plan, serverBefore, serverAfter: new Map(world.server) });
  }

  const isServerSet = event === "rolled-back" || event === "lost-notes";
  const isCauseKnown = isServerSet && random.chance(0.6);

  // Both devices live together: what one does the other has at once.
  const laptop = createDevice(world, "laptop");
  const phone = createDevice(world, "phone");
  for (let deed = 0; deed < 2 * deeds; deed += 1) {
    const device = random.chance(0.5) ? laptop : phone;
    download(world, device);
    doSomething(device);
    upload(world, device);
    // Where the server's cause is to be known, the other one looks now and then only and misses some states.
    if (!isCauseKnown || random.chance(0.7)) for (const each of [laptop, phone]) download(world, each);
  }
  for (const each of [laptop, phone]) sync(world, each);

  // The laptop goes offline; some of what it did reached the server without its knowing.
  const noDeeds = (): OfflineDeeds => ({ trashed: new Set(), moved: new Set(), touched: new Set() });
  offline.set(laptop.name, noDeeds());
  for (let deed = random.below(3); deed > 0; deed -= 1) doSomething(laptop);
  const isAckLost = random.chance(0.3);
  if (isAckLost) upload(world, laptop, true);
  for (let deed = random.below(deeds); deed > 0; deed -= 1) doSomething(laptop);

  const phoneDeeds = noDeeds();
  offline.set(phone.name, phoneDeeds);
  for (let deed = random.below(deeds); deed > 0; deed -= 1) {
    download(world, phone);
    doSomething(phone);
    upload(world, phone);
  }

  // The server breaks, or does not. Either the cause is known, and both devices are made to start again; or it is
  // not, and the phone has nothing of its own any more: what only it had is nobody's.
  breakServer();
  if (isCauseKnown) for (let deed = random.below(3); deed > 0; deed -= 1) doSomething(phone);
  else if (isServerSet) forgetPhone();
  const order = !isCauseKnown ? [laptop] : random.chance(0.5) ? [phone, laptop] : [laptop, phone];
  isRecovering = true;
  for (const device of order) {
    recoverDevice(device, isCauseKnown);
    // Whoever is back goes on working while the other is still away.
    if (options.worksBetween === false) continue;
    for (let more = random.below(2); more > 0 && order.length > 1 && device === order[0]; more -= 1) {
      doSomething(device);
      sync(world, device);
    }
  }
  return { seed, event, world, tokens, homes, removed, offline, runs };

  function breakServer(): void {
    if (event === "rolled-back") rollBack(world, 1 + random.below(world.past.length));
    if (event === "lost-notes") {
      const ids = [...world.server.keys()].filter((id) => id !== world.rootId);
      loseNotes(
        world,
        ids.filter(() => random.chance(0.2)),
      );
    }
    if (event === "lost-lists") loseLists(world);
  }

  function forgetPhone(): void {
    const kept = new Set(
      [...notesOf(world.server).values(), ...notesOf(laptop.realm).values()].flatMap(({ text }) =>
        tokensIn(text),
      ),
    );
    for (const each of tokens.keys()) if (!kept.has(each)) removed.add(each);
    phoneDeeds.trashed.clear();
  }
}

/** All tokens that are anywhere on the server, the trash and copies included. */
export function tokensOnServer(world: World): Set<string> {
  const found = new Set<string>();
  for (const { text } of notesOf(world.server).values()) for (const each of tokensIn(text)) found.add(each);
  return found;
}
