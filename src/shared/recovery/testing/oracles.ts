// What must hold after every story (see random-world.ts), each as a list of sentences about what does not. Judges
// by the notes and by what people did, never by what the planner says it did. Test code.

import type { NoteId } from "../../note";
import { checkTree } from "../../tree-check";
import { planRecovery } from "../plan";
import type { RecoveryInput, RecoveryPlan } from "../plan-types";
import { type RecoveryRun, type Story, tokensOnServer } from "./random-world";
import { notesOf, type Realm, treeOf, type World } from "./world";

type Planner = (input: RecoveryInput) => RecoveryPlan;

export function complaints(story: Story, planner: Planner = planRecovery): string[] {
  return [
    ...nothingLost(story),
    ...noZombies(story),
    ...treeIsWhole(story),
    ...movesAreKeptOrTold(story),
    ...story.runs.flatMap((run) => [
      ...doesNoHarm(run, story),
      ...isIdempotent(run, planner),
      ...reportIsTrue(run, story.world),
    ]),
  ];
}

/** O1: every token is live, in a copy, under 'Recovered notes' or in the trash, or was taken out by hand. */
function nothingLost({ world, tokens, removed }: Story): string[] {
  const found = tokensOnServer(world);
  return [...tokens.keys()]
    .filter((token) => !found.has(token) && !removed.has(token))
    .map((token) => `O1: ${token} is lost`);
}

/**
 * O2: a note in whose tree only the one who trashed it did anything is in the trash. Not asked for where a server
 * that went back in time shows a state there that the device never saw: that might be somebody's news.
 */
function noZombies({ world, offline, runs }: Story): string[] {
  const tree = treeOf(world, world.server);
  const found: string[] = [];
  for (const [name, { trashed }] of offline) {
    const others = [...offline]
      .filter(([other]) => other !== name)
      .flatMap(([, deeds]) => [...deeds.touched]);
    const trees = [tree, ...runs.map(({ serverBefore }) => treeOf(world, serverBefore))];
    for (const id of trashed) {
      const isAlone = !others.some((other) => trees.some((each) => isUnder(each.parents, other, id)));
      const isStrange = runs.some(
        (run) => run.device === name && run.plan.rolledBack && hasNewsUnder(id, run, world),
      );
      if (isAlone && !isStrange && tree.rows.has(id) && !tree.trashed.has(id)) {
        found.push(`O2: ${id}, trashed on the ${name}, is live`);
      }
    }
  }
  return found;
}

/** Whether the server showed a version of the note, or of one under it, that the device had never seen. */
function hasNewsUnder(id: NoteId, { serverBefore, seenIn }: RecoveryRun, world: World): boolean {
  const seen = seenIn(serverBefore);
  const { parents } = treeOf(world, serverBefore);
  return [...serverBefore.keys()].some((each) => isUnder(parents, each, id) && !seen.earlier(each));
}

function isUnder(parents: ReadonlyMap<NoteId, NoteId | null>, id: NoteId, ancestorId: NoteId): boolean {
  for (let at: NoteId | null = id; at !== null; at = parents.get(at) ?? null)
    if (at === ancestorId) return true;
  return false;
}

/** O3: every live note hangs under the root once, and lists of children agree; where a parent is left at all. */
function treeIsWhole({ world, runs }: Story): string[] {
  return checkTree(treeOf(world, world.server))
    .filter((problem) => {
      if (problem.kind !== "orphan" || problem.parentId === null) return true;
      const { parentId } = problem;
      return world.server.has(parentId) || runs.some(({ input }) => input.local.has(parentId));
    })
    .map((problem) => `O3: ${JSON.stringify(problem)}`);
}

/** A move of this device holds, or the report has a line about the note. */
function movesAreKeptOrTold({ runs, offline }: Story): string[] {
  return runs.flatMap(({ device, input, plan, serverAfter }) => {
    const told = new Set(plan.items.map(({ noteId }) => noteId));
    return [...(offline.get(device)?.moved ?? [])]
      .filter((id) => {
        const mine = input.local.get(id);
        const theirs = input.remote.get(id);
        const after = serverAfter.get(id)?.note;
        if (mine === undefined || after === undefined || mine.parentId === after.parentId) return false;
        const pending = input.history.get(id)?.place.filter(({ acked }) => !acked) ?? [];
        const isMovedBackByHand = pending[0]?.before.parentId === mine.parentId;
        const isMovedByOthersAfterIt = theirs !== undefined && pending.length === 0;
        return !told.has(id) && !isMovedByOthersAfterIt && !isMovedBackByHand;
      })
      .map((id) => `moves: ${id} is not where the ${device} put it, and nobody says so`);
  });
}

/** O4: what this device had nothing pending on is as it was, unless the server had lost something of it. */
function doesNoHarm({ device, input, plan, serverBefore, serverAfter }: RecoveryRun, story: Story): string[] {
  const found: string[] = [];
  for (const [id, { note: before }] of serverBefore) {
    const after = serverAfter.get(id)?.note;
    if (after === undefined) {
      found.push(`O4: ${id} is gone from the server by the recovery of the ${device}`);
      continue;
    }
    if (plan.rolledBack || hasPending(input, id)) continue;
    const isSame =
      before.text === after.text &&
      before.parentId === after.parentId &&
      before.orderKey === after.orderKey &&
      before.deletedAtMs === after.deletedAtMs;
    if (!isSame) found.push(`O4: ${id} was changed by the recovery of the ${device} in story ${story.event}`);
  }
  return found;
}

function hasPending({ history }: RecoveryInput, id: NoteId): boolean {
  const known = history.get(id);
  if (known === undefined) return false;
  const changes = [...known.text, ...known.place, ...known.deletedAtMs];
  return known.created === "unacked" || changes.some(({ acked }) => !acked);
}

/** O5: planning again, from the same backup against the recovered server, finds nothing to write. */
function isIdempotent({ device, input, seenIn, serverAfter }: RecoveryRun, planner: Planner): string[] {
  const again = planner({ ...input, remote: notesOf(serverAfter), seen: seenIn(serverAfter) });
  return again.steps.map(({ note }) => `O5: recovering the ${device} again writes ${note.id}`);
}

/** O7: the report has a line for each note that was written, says what it is now, and no more. */
function reportIsTrue({ device, plan, serverBefore, serverAfter }: RecoveryRun, world: World): string[] {
  const found: string[] = [];
  const written = changedNotes(serverBefore, serverAfter);
  const copies = new Set(plan.items.flatMap(({ copyId }) => (copyId === null ? [] : [copyId])));
  const items = new Map(plan.items.map((item) => [item.noteId, item]));
  if (items.size !== plan.items.length) found.push(`O7: a note has two lines on the ${device}`);
  for (const id of written) {
    const item = items.get(id);
    if (item === undefined && !copies.has(id) && id !== world.recoveredId) {
      const isHome = serverAfter.get(id)?.note.text === "Recovered notes";
      if (!isHome) found.push(`O7: ${id} was written and has no line on the ${device}`);
    }
  }
  for (const item of plan.items) {
    const after = serverAfter.get(item.noteId)?.note;
    if ((after?.text ?? null) !== item.result) found.push(`O7: ${item.noteId} is not as the line says`);
    if ((item.undo !== null) !== written.has(item.noteId)) {
      found.push(`O7: the line of ${item.noteId} is wrong about whether it was written`);
    }
    if (item.copyId !== null && !serverAfter.has(item.copyId))
      found.push(`O7: the copy ${item.copyId} is not there`);
  }
  return found;
}

function changedNotes(before: Realm, after: Realm): Set<NoteId> {
  const changed = new Set<NoteId>();
  for (const [id, { revision }] of after) if (before.get(id)?.revision !== revision) changed.add(id);
  return changed;
}
