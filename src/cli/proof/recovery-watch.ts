// Watches each recovery from its plan to its report: it writes no note that its machine had nothing of its own in
// (O4), and the report has a line for what it wrote and no more (O7). Not judged where others wrote meanwhile.

import { recoveredIdOf } from "../../main/notes/known-notes";
import type { NoteId } from "../../shared/note";
import type { RecoveryReport } from "../../shared/recovery/plan-types";
import type { ResetState } from "../../shared/reset-machine";
import { seenBy } from "./again";
import { bytesOf } from "./disk";
import { lastSyncedKey, readLastSynced } from "./fakes/last-synced-realm";
import { userId } from "./fakes/realm-app";
import { noteOf } from "./fakes/realm-file";
import { isOldVersion, isOnlyLinesPutBack, noteArrived, notePlacings, noteReplaced, touch } from "./ledger";
import type { Machine } from "./machines";
import type { Changeset, Field, Objects } from "./objects";
import type { Player } from "./player";
import { readWith } from "./reading";
import type { SimulatedProcess } from "./simulation";
import type { Story } from "./story";
import type { Violation } from "./violation";

type Planning = Extract<ResetState, { kind: "planning" }>;

export type RecoveryWatch = {
  readonly planning: Planning;
  /** Notes with something of this machine's that the server was not seen to have; null: not to be told. */
  readonly mayWrite: ReadonlySet<NoteId> | null;
  readonly created: Set<NoteId>;
  readonly written: Set<NoteId>;
  /** Of these, what its last upload wrote and none before. */
  newlyWritten: readonly NoteId[];
  isDisturbed: boolean;
  /** What the machine knew of notes' states when it planned. */
  readonly seen: Buffer | null;
  /** The process that plans, and what its realm had been asked for before. */
  readonly process: SimulatedProcess | null;
  readonly before: Readonly<Machine["work"]>;
};

const told: readonly Field[] = ["text", "parentId", "orderKey", "deletedAtMs"];

export function beginWatch(story: Story, player: Player, planning: Planning): void {
  const { ledger, watches } = story;
  const { facts } = planning;
  story.ended = null;
  const { name, disk } = player.machine;
  const key = lastSyncedKey("perennial", facts.userId, facts.generation);
  const acked = readLastSynced(disk, player.paths.lastSyncedRealm, key);
  const own = ledger.commits.filter(
    ({ machine, changeset }) =>
      machine === name && changeset.journalSeq > acked && changeset.origin === "person",
  );
  const before = watches.get(name);
  const ids = own.flatMap(({ changeset }) => changeset.instructions.map(({ id }) => id));
  for (const { by, noteId } of ledger.meanwhile) if (by === name) ids.push(noteId);
  // Where it died in the middle of a change, the journal may have it and the realm not.
  if (player.deaths() > 0) for (const { by, noteId } of ledger.touches) if (by === name) ids.push(noteId);
  watches.set(name, {
    planning,
    // What a server that went back has lost, any machine may put back; and a note deleted for good by an old app is
    // to every machine something that the server has lost.
    mayWrite:
      facts.cause === "restored" || ledger.losses + ledger.erased.size > 0 || ledger.powerCuts.has(name)
        ? null
        : new Set(ids),
    created: before?.created ?? new Set(),
    // One report for the whole recovery, however often it had to begin again.
    written: before?.planning.facts.resetId === facts.resetId ? before.written : new Set(),
    newlyWritten: [],
    // What others had written by then and this machine was not told of yet, it plans without.
    isDisturbed: player.file()?.client.known !== story.world.server.integration(),
    seen: seenBy(player),
    process: player.machine.process,
    before: { ...player.machine.work },
  });
}

export function watchIntegrated(story: Story, changeset: Changeset, before: Objects, after: Objects): void {
  watchWrites(story, changeset, before, after);
  noteMisled(story, changeset, after);
  notePutBack(story, changeset, before);
  noteArrived(story.ledger, changeset.instructions);
  notePlacings(story.ledger, changeset.instructions, after);
  for (const { kind, id } of changeset.instructions)
    if (kind === "erase") story.ledger.erasedAt.set(id, story.world.server.integration());
  // Only now: what this changeset replaces was no old version before it.
  noteReplaced(story.ledger, before, after);
}

function noteMisled(
  { ledger, watches }: Story,
  { machine, origin, instructions }: Changeset,
  after: Objects,
): void {
  if (origin !== "recovery" || ledger.losses > 0) return;
  const isTold = watches.get(machine)?.planning.facts.cause === "restored";
  if (!isTold && !ledger.powerCuts.has(machine)) return;
  // What it adds is somebody's news to others, who then do not repeat that they trashed the note.
  const texts = instructions.filter((each) => each.kind === "set" && each.field === "text");
  if (isTold) for (const { id } of texts) touch(ledger, "recovery", id);
  if (instructions.some(({ id }) => isOldVersion(ledger, after.get(id)))) ledger.misled.add(machine);
}

/** To whoever saw an old app delete it for good it is news, and something live where they trashed what is above it. */
function notePutBack({ ledger }: Story, { instructions }: Changeset, before: Objects): void {
  for (const { kind, id } of instructions) {
    if (kind === "create" && !before.has(id) && ledger.erased.has(id)) touch(ledger, "recovery", id);
  }
}

function watchWrites(story: Story, changeset: Changeset, before: Objects, after: Objects): void {
  for (const [machine, watch] of story.watches) {
    if (machine !== changeset.machine || changeset.origin !== "recovery") watch.isDisturbed = true;
  }
  const watch = story.watches.get(changeset.machine);
  if (watch === undefined || changeset.origin !== "recovery") return;
  const writtenBefore = new Set(watch.written);
  for (const instruction of changeset.instructions) {
    const { id } = instruction;
    // Where another machine has made the same meanwhile ('Recovered notes', say), neither could know of the other.
    if (!before.has(id) || instruction.kind === "create") watch.created.add(id);
    if (instruction.kind === "erase") {
      story.violations.push({
        oracle: "O4",
        what: `${id} was erased by the recovery of the ${changeset.machine}`,
      });
    }
    if (instruction.kind !== "set" || !told.includes(instruction.field)) continue;
    const note = before.get(id);
    const is = after.get(id)?.cells[instruction.field].value;
    if (note?.cells[instruction.field].value === is) continue;
    watch.written.add(id);
    if (watch.mayWrite === null || watch.mayWrite.has(id) || watch.created.has(id)) continue;
    if (isOldVersion(story.ledger, note)) continue;
    const isText = note !== undefined && instruction.field === "text";
    if (isText && isOnlyLinesPutBack(story.ledger, changeset.machine, note, String(is))) continue;
    story.violations.push({
      oracle: "O4",
      what: `${instruction.field} of ${id} was changed by the recovery of the ${changeset.machine}`,
    });
  }
  watch.newlyWritten = [...watch.written].filter((id) => !writtenBefore.has(id));
}

/** The server takes back what it was sent last, so of that the report need say nothing but that it failed. */
export function watchForbidden({ watches }: Story, machine: string): void {
  const watch = watches.get(machine);
  for (const id of watch?.newlyWritten ?? []) watch?.written.delete(id);
}

/** To be asked when a recovery has just ended: what is wrong with it, and with its report. */
export function endWatch(story: Story, player: Player): Violation[] {
  const { name } = player.machine;
  const watch = story.watches.get(name);
  if (watch === undefined) return [];
  story.watches.delete(name);
  const { planning, isDisturbed, seen } = watch;
  // What the server did not allow is tried again by a recovery that is done again.
  const isDone = !isDisturbed && reportOf(player, watch)?.failed.length === 0;
  const integration = story.world.server.integration();
  story.ended = isDone && seen !== null ? { player, planning, integration, seen } : null;
  return [...reportIsTrue(story, player, watch), ...workIsBounded(player, watch)];
}

/** From the plan to the report a recovery asks the realm for each note a few times, however many there are. */
function workIsBounded({ machine, file }: Player, { process, before, planning }: RecoveryWatch): Violation[] {
  if (machine.process !== process) return [];
  // Where the server did not allow what was written, few of them are left.
  const notes = Math.max(file()?.view.size ?? 0, planning.copy.notes);
  const most = mostAskedPerNote * (notes + fewNotes);
  const asked = { reads: machine.work.reads - before.reads, writes: machine.work.writes - before.writes };
  return Object.entries(asked).flatMap(([what, count]) =>
    count > most
      ? [{ oracle: "work", what: `${count} ${what} for ${notes} notes on the ${machine.name}` }]
      : [],
  );
}

/** Twice what was ever seen, at 10 to 840 notes. */
const mostAskedPerNote = 20;
const fewNotes = 20;

function reportOf({ machine, paths }: Player, { planning }: RecoveryWatch): RecoveryReport | null {
  const file = machine.disk.nodes.get(`${paths.reports}/${planning.facts.resetId}.json`);
  return file?.kind === "file" ? JSON.parse(readWith(bytesOf(file), paths.sealing)) : null;
}

function reportIsTrue({ world, ledger }: Story, player: Player, watch: RecoveryWatch): Violation[] {
  const { name } = player.machine;
  const report = reportOf(player, watch);
  if (report === null) return [];
  const { items, failed } = report;
  if (watch.isDisturbed || ledger.losses > 0) return [];
  const found: Violation[] = [];
  const lines = new Set(items.flatMap(({ noteId, copyId }) => [noteId, copyId ?? noteId]));
  for (const id of watch.written) {
    // By its id as well: another machine may have written to it since.
    const isHome = id === recoveredIdOf(userId) || noteText(world.server.objects(), id) === "Recovered notes";
    if (!lines.has(id) && !isHome)
      found.push({ oracle: "O7", what: `${id} was written and has no line on the ${name}` });
  }
  for (const { noteId, result, undo } of items) {
    const isThere = noteText(world.server.objects(), noteId) === result;
    if (!isThere && !failed.includes(noteId)) {
      found.push({ oracle: "O7", what: `${noteId} is not as the line on the ${name} says` });
    }
    if (undo !== null && !watch.written.has(noteId) && !failed.includes(noteId)) {
      found.push({ oracle: "O7", what: `the ${name} says that it wrote ${noteId}, and it did not` });
    }
  }
  return found;
}

function noteText(objects: Objects, id: NoteId): string | null {
  const object = objects.get(id);
  return object === undefined ? null : noteOf(object).text;
}
