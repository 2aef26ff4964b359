// What was done in a simulated world, written down outside the app: every word that was typed and by whom, every word
// that somebody who had it before the eyes took out, what went into the trash, what sync's own rules overruled, what
// no machine had any more when the server lost it. The oracles judge by this and by what is there in the end.

import { containsLines } from "../../shared/merge-text";
import type { NoteId } from "../../shared/note";
import { tokensIn } from "../../shared/recovery/testing/random-world";
import type { Changeset, Instruction, NoteObject, Objects, Origin, Value } from "./objects";

export type Touch = { readonly noteId: NoteId; readonly by: string; readonly at: number };
export type Trashing = Touch & {
  readonly below: readonly NoteId[];
  /** How often the server had lost something by then. */
  readonly losses: number;
};

export type Ledger = {
  /** Every token whose commit was answered, with who typed it where. */
  readonly tokens: Map<string, { readonly by: string; readonly noteId: NoteId }>;
  /** Each token that somebody took out, with whose hands did: an undo takes back its own hand's removal, no other's. */
  readonly removed: Map<string, Set<string>>;
  /** Tokens that are nobody's fault, with the reason. */
  readonly excused: Map<string, string>;
  /** Tokens that a recovery had put back when sync's rule let another writer's text win: its report has them. */
  readonly overruled: Set<string>;
  /** In the order of `at`, which counts everything that was done. */
  readonly touches: Touch[];
  readonly trashings: Trashing[];
  /** Each place that a note got on the server, with all that was above it then. */
  readonly placings: { readonly noteId: NoteId; readonly above: ReadonlySet<NoteId> }[];
  /** What was written to on a machine while it recovered. */
  readonly meanwhile: Touch[];
  /** Of these, what was not answered for long: it may be done when the recovery is over. */
  readonly late: Touch[];
  /** The word of each note that somebody made without an answer, with who: it may be there, and arrives then. */
  readonly unanswered: Map<string, string>;
  /** Words of titles with those of the new titles that nobody answered for: those may yet come in their place. */
  readonly retitled: Map<string, Set<string>>;
  /** Machines where something was written while they recover: until that is over, it is in their journals alone. */
  readonly unsent: Set<string>;
  readonly commits: { readonly machine: string; readonly file: unknown; readonly changeset: Changeset }[];
  readonly integrated: Set<Changeset>;
  /** Never integrated as they were: their file is gone, and a recovery that is over has carried over what was in it. */
  readonly carriedOver: Set<Changeset>;
  /** Machines whose power was cut: their journal may lack its end, and then nothing is trashed on its word. */
  readonly powerCuts: Set<string>;
  /** The server lost what it had: restored, terminated with a loss. */
  losses: number;
  /** Machines that have not recovered since: what they put back is news to all others. */
  readonly unrecovered: Set<string>;
  /** When that was. */
  lostAt: number;
  /** Notes that an old app deleted for good, without a tombstone. */
  readonly erased: Set<NoteId>;
  /** The integration that did it last. */
  readonly erasedAt: Map<NoteId, number>;
  /** Each token that the server lost by it, and the machines that had it on their disks then. */
  readonly lost: { readonly token: string; readonly at: number; readonly holders: Set<string> }[];
  /** Each recovery that was planned, and whether it was told that the server had gone back in time. */
  readonly plannings: {
    readonly machine: string;
    readonly at: number;
    readonly isTold: boolean;
    /** How many places had been given by then. */
    readonly placings: number;
  }[];
  /** Of each note, what the server once had and then another in its place. */
  readonly replaced: Map<NoteId, { readonly revisions: Set<unknown>; readonly texts: Set<string> }>;
  /**
   * Machines whose recovery wrote an old version of a note although the server had lost nothing: they were told of a
   * restored server, or lost their journal's end to a power cut and could not tell an old version from a change of theirs.
   */
  readonly misled: Set<string>;
  count: number;
  readonly newToken: (by: string) => string;
};

export function openLedger(): Ledger {
  let lastToken = 0;
  return {
    tokens: new Map(),
    removed: new Map(),
    excused: new Map(),
    overruled: new Set(),
    touches: [],
    trashings: [],
    placings: [],
    meanwhile: [],
    late: [],
    unanswered: new Map(),
    retitled: new Map(),
    unsent: new Set(),
    commits: [],
    integrated: new Set(),
    carriedOver: new Set(),
    powerCuts: new Set(),
    losses: 0,
    unrecovered: new Set(),
    lostAt: 0,
    erased: new Set(),
    erasedAt: new Map(),
    lost: [],
    plannings: [],
    replaced: new Map(),
    misled: new Set(),
    count: 0,
    newToken(by) {
      lastToken += 1;
      return `#${by}.${lastToken}`;
    },
  };
}

export function touch(ledger: Ledger, by: string, noteId: NoteId): void {
  ledger.count += 1;
  ledger.touches.push({ by, noteId, at: ledger.count });
}

/**
 * A note that was made without an answer (the process died of it, or it waits) is told of by its arrival: only then can
 * others know of it. Whoever made it and trashed what is above it since knew it before.
 */
export function noteArrived(ledger: Ledger, instructions: readonly Instruction[]): void {
  if (ledger.unanswered.size === 0) return;
  for (const instruction of instructions) {
    if (instruction.kind !== "set" || instruction.field !== "text") continue;
    const { id, value } = instruction;
    for (const token of tokensIn(String(value))) {
      const by = ledger.unanswered.get(token);
      if (by === undefined) continue;
      ledger.unanswered.delete(token);
      if (!ledger.trashings.some((each) => each.by === by && each.below.includes(id))) touch(ledger, by, id);
    }
  }
}

/** It may be moved on later; whoever saw it where it was then had to heed it there. `after`: what the server has with it. */
export function notePlacings(ledger: Ledger, instructions: readonly Instruction[], after: Objects): void {
  for (const { kind, id, ...set } of instructions) {
    if (kind !== "set" || !("field" in set) || set.field !== "parentId") continue;
    const above = new Set<NoteId>();
    for (let at: Value | undefined = id; ; ) {
      at = after.get(at as NoteId)?.cells.parentId.value;
      if (typeof at !== "string" || above.has(at as NoteId)) break;
      above.add(at as NoteId);
    }
    ledger.placings.push({ noteId: id, above });
  }
}

/**
 * Whether others had done something by then to what was under this note on the server, in the moment that a recovery of the
 * machine that trashed it was planned: that one had to keep it.
 */
export function hadNewsBelow(ledger: Ledger, { noteId, by, at }: Touch): boolean {
  const { plannings, placings, touches } = ledger;
  return plannings.some((planned) => {
    if (planned.machine !== by || planned.at < at) return false;
    const above = new Map(placings.slice(0, planned.placings).map((each) => [each.noteId, each.above]));
    const news = touches.filter((each) => each.by !== by && each.at > at && each.at <= planned.at);
    return news.some((each) => above.get(each.noteId)?.has(noteId) === true);
  });
}

/** The server has lost something; nobody has recovered from that yet. */
export function noteLoss(ledger: Ledger, machines: readonly string[]): void {
  ledger.losses += 1;
  ledger.count += 1;
  ledger.lostAt = ledger.count;
  for (const machine of machines) ledger.unrecovered.add(machine);
}

/** Others have written what the server has not seen yet, or may put back what it lost: nobody else can know of it. */
export function isNewsWaiting(ledger: Ledger, by: string): boolean {
  const { unsent, unrecovered, commits, integrated, carriedOver } = ledger;
  if ([...unsent, ...unrecovered].some((machine) => machine !== by)) return true;
  return commits.some(
    ({ machine, changeset }) => machine !== by && !integrated.has(changeset) && !carriedOver.has(changeset),
  );
}

/**
 * What waits on the machine is done now, and may be told of from now on; what it has recovered is in its realm, which is
 * in `file`, and none of it in the files before that.
 */
export function endRecovery(ledger: Ledger, by: string, file: unknown): void {
  ledger.unsent.delete(by);
  const planned = ledger.plannings.findLast(({ machine }) => machine === by);
  if (planned !== undefined && planned.at >= ledger.lostAt) ledger.unrecovered.delete(by);
  for (const each of ledger.commits) {
    if (each.machine === by && each.file !== file) ledger.carriedOver.add(each.changeset);
  }
  const own = ledger.late.filter((each) => each.by === by);
  for (const { noteId } of own) touch(ledger, by, noteId);
  ledger.late.splice(0, ledger.late.length, ...ledger.late.filter((each) => each.by !== by));
}

export function noteTokens(ledger: Ledger, by: string, noteId: NoteId, text: string): void {
  for (const token of tokensIn(text)) if (!ledger.tokens.has(token)) ledger.tokens.set(token, { by, noteId });
}

export function noteRemoved({ removed }: Ledger, by: string, token: string): void {
  removed.set(token, (removed.get(token) ?? new Set()).add(by));
}

/** A title was given to what had `former`, and not answered for: then or later, and whatever is undone meanwhile. */
export function noteRetitled({ retitled }: Ledger, former: string, title: string): void {
  for (const token of tokensIn(former)) {
    retitled.set(token, new Set([...(retitled.get(token) ?? []), ...tokensIn(title)]));
  }
}

/** Whether such a title is there, or was until somebody took it out. */
export function isRetitled(
  { retitled, removed }: Ledger,
  token: string,
  found: ReadonlySet<string>,
): boolean {
  return [...(retitled.get(token) ?? [])].some((title) => found.has(title) || removed.has(title));
}

/** Somebody who read `before` wrote `after`: what is gone was taken out by hand. */
export function noteRemovals(ledger: Ledger, by: string, before: string, after: string): void {
  const left = new Set(tokensIn(after));
  for (const token of tokensIn(before)) if (!left.has(token)) noteRemoved(ledger, by, token);
}

/**
 * An undo made `after` of `before`: what it brought back counts again, unless another hand took it out as well, which
 * may be yet to come. `isUpToDate`: everything that others did was before the eyes of who undid it.
 */
export function noteUndone(
  ledger: Ledger,
  by: string,
  { before, after }: { readonly before: string; readonly after: string },
  isUpToDate: boolean,
): void {
  noteRemovals(ledger, by, before, after);
  const had = new Set(tokensIn(before));
  for (const token of tokensIn(after)) {
    const hands = had.has(token) ? undefined : ledger.removed.get(token);
    if (isUpToDate) hands?.clear();
    hands?.delete(by);
    if (hands?.size === 0) ledger.removed.delete(token);
  }
}

/** Of two writers who did not know of each other, sync keeps one. What a recovery had put there it must report. */
export function noteOverruled(
  ledger: Ledger,
  overruled: {
    readonly loser: string;
    readonly winner: string;
    readonly loserOrigin: Origin;
    readonly loserMachine: string;
    readonly winnerOrigin: Origin;
  },
): void {
  const { loser, winner, loserOrigin, loserMachine, winnerOrigin } = overruled;
  const left = new Set(tokensIn(winner));
  for (const token of tokensIn(loser)) {
    const isOwn = loserOrigin === "recovery" && ledger.tokens.get(token)?.by === loserMachine;
    if (left.has(token)) continue;
    if (isOwn) ledger.overruled.add(token);
    else ledger.excused.set(token, `overruled by sync: ${loserOrigin} by ${winnerOrigin}`);
  }
}

export function noteReplaced(ledger: Ledger, before: Objects, after: Objects): void {
  for (const [id, { cells }] of before) {
    const was = cells.revision.value;
    if (after.get(id)?.cells.revision.value === was) continue;
    const ofNote = ledger.replaced.get(id) ?? { revisions: new Set(), texts: new Set() };
    ofNote.revisions.add(was);
    ofNote.texts.add(String(cells.text.value));
    ledger.replaced.set(id, ofNote);
  }
}

/**
 * The server shows a version of the note that it had before a newer one: somebody's recovery put it back, because it
 * was told that the server had lost its past. Whoever knows the newer one may put that back.
 */
export function isOldVersion(ledger: Ledger, object: NoteObject | undefined): boolean {
  if (object === undefined) return false;
  return ledger.replaced.get(object.id)?.revisions.has(object.cells.revision.value) === true;
}

/**
 * An old version that a misled machine wrote looks to all others as if the server had gone back in time, and then a
 * recovery puts back lines that somebody took out elsewhere: they may be what the server lost. So much is nobody's
 * fault; a line that the note never had, or one that goes, is.
 */
export function isOnlyLinesPutBack(ledger: Ledger, by: string, before: NoteObject, text: string): boolean {
  const isMisledByOthers = [...ledger.misled].some((machine) => machine !== by);
  const was = String(before.cells.text.value);
  if (!isMisledByOthers || !containsLines(text, was)) return false;
  const had = new Set(
    [was, ...(ledger.replaced.get(before.id)?.texts ?? [])].flatMap((each) => each.split("\n")),
  );
  return text.split("\n").every((line) => had.has(line));
}

/** The machine has no more on its disk than `left`: its file was emptied, and not by this app. */
export function noteEmptied({ lost }: Ledger, machine: string, left: ReadonlySet<string>): void {
  for (const { token, holders } of lost) if (!left.has(token)) holders.delete(machine);
}

/**
 * Nobody can put back what no machine had when the server lost it. And a machine whose recovery was not told that the
 * server went back in time (its own reset came before, or the process died before it could hear) cannot tell what the
 * server lost from what others took out, once another machine's recovery has put the rest back.
 */
export function isBeyondRecovery({ lost, plannings }: Ledger, token: string): boolean {
  return lost.some((loss) => {
    if (loss.token !== token) return false;
    return [...loss.holders].every((holder) => {
      const next = plannings.find(({ machine, at }) => machine === holder && at >= loss.at);
      return next !== undefined && !next.isTold;
    });
  });
}
