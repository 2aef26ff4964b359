// Counts what a recovery did to a world, whoever carried it out: one of the planners here or Realm itself. Judges by
// the notes and by what people did; asks of the recovery only which notes are copies of which. Test code.

import type { Note, NoteId, Place } from "../../note";
import { buildTree } from "../../tree";
import { checkTree } from "../../tree-check";
import { isExplained } from "../field-decisions";
import type { FieldChange, NoteHistory, SeenValues } from "../plan-types";
import { type Story, tokensIn } from "./random-world";
import { notesOf, type Realm } from "./world";

export const harms = ["lost", "overwritten", "resurrected", "orphaned", "duplicated"] as const;
export type Harm = (typeof harms)[number];
export type Fidelity = Readonly<Record<Harm, number>>;

/** The recovery of one device: what it had, what the server had, and what the server had afterwards. */
export type JudgedRun = {
  readonly device: string;
  readonly local: ReadonlyMap<NoteId, Note>;
  readonly history: ReadonlyMap<NoteId, NoteHistory>;
  readonly seenIn: (server: Realm) => SeenValues;
  readonly before: Realm;
  readonly after: Realm;
  /** Copies that it made, each with the note it is a copy of. */
  readonly copies: ReadonlyMap<NoteId, NoteId>;
};

export type Judged = Pick<Story, "tokens" | "homes" | "removed" | "offline"> & {
  readonly rootId: NoteId;
  /** One after the other; the last one's `after` is what the server has in the end. */
  readonly runs: readonly JudgedRun[];
};

/** A story that was told to its end by a planner. */
export function judgedStory(story: Story): Judged {
  return {
    ...story,
    rootId: story.world.rootId,
    runs: story.runs.map(({ device, input, seenIn, plan, serverBefore, serverAfter }) => ({
      device,
      local: input.local,
      history: input.history,
      seenIn,
      before: serverBefore,
      after: serverAfter,
      copies: new Map(
        plan.items.flatMap(({ noteId, copyId }) => (copyId === null ? [] : [[copyId, noteId] as const])),
      ),
    })),
  };
}

export function judge(judged: Judged): Fidelity {
  return {
    lost: countLost(judged),
    overwritten: judged.runs.reduce((sum, run) => sum + countOverwritten(judged, run), 0),
    resurrected: countResurrected(judged),
    orphaned: countOrphaned(judged),
    duplicated: countDuplicated(judged),
  };
}

function ending({ runs }: Judged): Realm {
  return runs.at(-1)!.after;
}

/** Words that are nowhere among the notes any more, trash and copies included, and that nobody took out. */
function countLost(judged: Judged): number {
  const found = new Set<string>();
  for (const { note } of ending(judged).values()) for (const token of tokensIn(note.text)) found.add(token);
  return [...judged.tokens.keys()].filter((token) => !found.has(token) && !judged.removed.has(token)).length;
}

/** Others' words, moves, trashings and restorings that this device had not heard of and that its recovery undid. */
function countOverwritten({ tokens, removed, rootId }: Judged, run: JudgedRun): number {
  const { device, local, history, before, after, copies } = run;
  const known = new Set([...local.values()].flatMap(({ text }) => tokensIn(text)));
  const seen = run.seenIn(before);
  const tree = buildTree(notesOf(before).values(), rootId);
  const textsOf = new Map<NoteId, string[]>();
  for (const [id, { note }] of after) {
    const homeId = copies.get(id) ?? id;
    textsOf.set(homeId, [...(textsOf.get(homeId) ?? []), note.text]);
  }
  let count = 0;
  for (const [id, { note: theirs }] of before) {
    const left = new Set((textsOf.get(id) ?? []).flatMap(tokensIn));
    for (const token of new Set(tokensIn(theirs.text))) {
      const isNews = tokens.get(token) !== device && !known.has(token) && !removed.has(token);
      if (isNews && !left.has(token)) count += 1;
    }
    const mine = local.get(id);
    const now = after.get(id)?.note;
    if (mine === undefined || now === undefined || seen.earlier(id)) continue;
    const changes = history.get(id);
    const isReached = tree.parents.get(id) !== null;
    const moves = isForeign<Place>(theirs, mine, changes?.place, (a, b) => a.parentId === b.parentId);
    if (isReached && moves && now.parentId !== theirs.parentId) count += 1;
    const isTrashed = ({ deletedAtMs }: Note) => deletedAtMs !== null;
    const trashes = isForeign(
      theirs.deletedAtMs,
      mine.deletedAtMs,
      changes?.deletedAtMs,
      (a, b) => (a === null) === (b === null),
    );
    if (trashes && isTrashed(now) !== isTrashed(theirs)) count += 1;
  }
  return count;
}

/** Whether somebody else gave the field its value on the server: this device's pending changes do not pass through it. */
function isForeign<T>(
  theirs: T,
  mine: T,
  changes: readonly FieldChange<T>[] | undefined,
  same: (a: T, b: T) => boolean,
): boolean {
  const pending = changes?.filter(({ acked }) => !acked) ?? [];
  return pending.length === 0 ? !same(theirs, mine) : !isExplained(theirs, pending, same);
}

/**
 * Notes in whose tree only the one who trashed them did anything, and which are live in the end. Not asked for where
 * the server showed a state there that the one who trashed had never seen: that might be somebody's news.
 */
function countResurrected(judged: Judged): number {
  const { offline, runs, rootId } = judged;
  const tree = buildTree(notesOf(ending(judged)).values(), rootId);
  const before = runs.map((run) => buildTree(notesOf(run.before).values(), rootId));
  let count = 0;
  for (const [name, { trashed }] of offline) {
    const others = [...offline]
      .filter(([other]) => other !== name)
      .flatMap(([, { touched }]) => [...touched]);
    for (const id of trashed) {
      if (!tree.rows.has(id) || tree.trashed.has(id)) continue;
      const isAlone = !others.some((other) =>
        [tree, ...before].some((each) => isUnder(each.parents, other, id)),
      );
      const hasNews = runs.some((run, index) => {
        if (run.device !== name) return false;
        const seen = run.seenIn(run.before);
        const { parents } = before[index]!;
        return [...run.before.keys()].some((each) => isUnder(parents, each, id) && !seen.earlier(each));
      });
      if (isAlone && !hasNews) count += 1;
    }
  }
  return count;
}

function isUnder(parents: ReadonlyMap<NoteId, NoteId | null>, id: NoteId, ancestorId: NoteId): boolean {
  for (let at: NoteId | null = id; at !== null; at = parents.get(at) ?? null)
    if (at === ancestorId) return true;
  return false;
}

/** Live notes that nobody reaches, unless what they hung under is on no device and not on the server. */
function countOrphaned(judged: Judged): number {
  const { runs, rootId } = judged;
  const server = ending(judged);
  const tree = buildTree(notesOf(server).values(), rootId);
  const waiting = tree.recovered.filter((id) => {
    const { parentId } = tree.rows.get(id)!;
    return parentId === null || server.has(parentId) || runs.some(({ local }) => local.has(parentId));
  });
  let count = 0;
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (tree.trashed.has(id)) continue;
    count += 1;
    waiting.push(...(tree.children.get(id) ?? []));
  }
  return count;
}

/** Words in notes they were not typed into, or twice in equal lines of one; notes that several lists name. */
function countDuplicated(judged: Judged): number {
  const { homes, runs, rootId } = judged;
  const notes = notesOf(ending(judged));
  const homeOf = (id: NoteId): NoteId => {
    let home = id;
    for (const { copies } of runs.toReversed()) home = copies.get(home) ?? home;
    return home;
  };
  let count = 0;
  for (const [id, { text }] of notes) {
    const lines = text.split("\n").filter((line) => tokensIn(line).length > 0);
    const twice = lines.filter((line, index) => lines.indexOf(line) < index).flatMap(tokensIn);
    const strangers = tokensIn(text).filter((token) => homes.get(token) !== homeOf(id));
    count += new Set([...twice, ...strangers]).size;
  }
  const tree = buildTree(notes.values(), rootId);
  return (
    count + checkTree(tree).filter(({ kind }) => kind === "two-parents" || kind === "duplicate-child").length
  );
}

export function sumOf(all: Iterable<Fidelity>): Fidelity {
  const sums: Record<Harm, number> = { lost: 0, overwritten: 0, resurrected: 0, orphaned: 0, duplicated: 0 };
  for (const each of all) for (const harm of harms) sums[harm] += each[harm];
  return sums;
}
