// The audit's plan: notes that this device saw on the server and that are gone although nobody deleted them, notes
// that nothing names as a child any more, notes that went back to an older version, all without any reset. Says what
// to write so that they are as they were, and tells it as a report. Pure. Writes what was there, with the revision it
// had, and nothing else: so two devices that find the same write the same, and neither takes the other's for news.

import { type Note, type NoteId, type NotesById, titleOf } from "../note";
import { compareSiblings, keyBetween } from "../order-key";
import { ancestorsOf, buildTree, idsTopDown, type Tree } from "../tree";
import { recoveredNote } from "../tree-check";
import type { PlanStep, ReportItem } from "./plan-types";

/** The last that this device knows of a note. `isLatest`: no newer version of it was ever seen here. */
export type KnownNote = { readonly note: Note; readonly revision: string; readonly isLatest: boolean };

export type AuditInput = {
  readonly rootId: NoteId;
  readonly recoveredId: NoteId;
  readonly live: NotesById;
  /** Seen once, neither deleted nor settled as gone, and not among the live. */
  readonly vanished: readonly NoteId[];
  /** Live, as a version that is older than another that was seen here. */
  readonly wentBack: readonly NoteId[];
  /** Live and without a place: what it hung under when that was last known. */
  readonly unplaced: ReadonlyMap<NoteId, NoteId | null>;
  readonly known: (id: NoteId) => KnownNote | null;
  /** How often it was put back before without having been changed since: after too often it takes a person. */
  readonly timesMended: (id: NoteId) => number;
  /** An older version may be put back where the latest is not known: others had their time to put back a newer one. */
  readonly mayUseOlder: (id: NoteId) => boolean;
};

export type AuditStep = PlanStep & { readonly revision: string | null };

export type AuditPlan = {
  readonly steps: readonly AuditStep[];
  readonly items: readonly ReportItem[];
  /** Missing, and nothing of them is known here that could be put back. */
  readonly unknown: readonly NoteId[];
  /** Only older versions of these are known, and another device may yet have a newer one. */
  readonly waiting: readonly NoteId[];
};

/** Whoever takes a note away twice means it. A version may be overwritten by devices that know less, more than once. */
const mostPutBack = 1;
const mostPutForward = 3;

const sentences = {
  vanished: "It had vanished from the server although nobody deleted it. It was put back.",
  older:
    "It had vanished from the server although nobody deleted it. The newest text that this computer has of it was put back; there was a newer one.",
  again:
    "It vanished from the server again after it had been put back. It was left away this time; you can put it back from here.",
  refused: "The server does not keep this change. Your version is here, and can be put back from here.",
  place: "Nothing led to this note any more. It is back where it was.",
  wentBack: "The server had lost a change of this note. It was put back.",
  recovered: "What it was under is gone, so it is under Recovered notes.",
} as const;

export function planAudit(input: AuditInput): AuditPlan {
  const { live, known, timesMended } = input;
  const results = new Map<
    NoteId,
    { readonly note: Note; readonly revision: string | null; sentence: string }
  >();
  const again: KnownNote[] = [];
  const unknown: NoteId[] = [];
  const waiting: NoteId[] = [];
  for (const id of input.vanished) {
    const found = known(id);
    if (live.has(id)) continue;
    if (found === null) unknown.push(id);
    else if (timesMended(id) >= mostPutBack) again.push(found);
    else if (!found.isLatest && !input.mayUseOlder(id)) waiting.push(id);
    else {
      const sentence = found.isLatest ? sentences.vanished : sentences.older;
      results.set(id, { note: { ...found.note, childIds: [] }, revision: found.revision, sentence });
    }
  }
  for (const id of input.wentBack) {
    const found = known(id);
    const current = live.get(id);
    if (current === undefined || found === null || !found.isLatest) continue;
    if (timesMended(id) >= mostPutForward) {
      again.push(found);
      continue;
    }
    const note = { ...found.note, childIds: current.childIds };
    results.set(id, { note, revision: found.revision, sentence: sentences.wentBack });
  }
  placeUnplaced(input, results);
  const placed = settle(input, results);
  return {
    steps: placed.steps,
    items: [
      ...placed.items,
      ...again.map((found) => leftAway(found, live.get(found.note.id) ?? null, placed.tree)),
    ],
    unknown,
    waiting,
  };
}

type Results = Map<NoteId, { readonly note: Note; readonly revision: string | null; sentence: string }>;

/** Where a note stood that has lost its place: what it last said itself, else after the others that it hung with. */
function placeUnplaced({ live, unplaced, known }: AuditInput, results: Results): void {
  const lastKeys = new Map<NoteId, string | null>();
  const lastKeyOf = (parentId: NoteId): string | null => {
    if (lastKeys.has(parentId)) return lastKeys.get(parentId) ?? null;
    const siblings = [...live.values()].filter((note) => note.parentId === parentId).sort(compareSiblings);
    return siblings.at(-1)?.orderKey ?? null;
  };
  for (const [id, hungUnder] of [...unplaced].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const current = live.get(id);
    if (current === undefined || results.has(id)) continue;
    const before = known(id)?.note ?? null;
    const parentId = before?.parentId ?? hungUnder;
    if (parentId === null || (!live.has(parentId) && !results.has(parentId))) continue;
    const orderKey = before?.parentId === parentId ? before.orderKey : keyBetween(lastKeyOf(parentId), null);
    lastKeys.set(parentId, orderKey);
    results.set(id, { note: { ...current, parentId, orderKey }, revision: null, sentence: sentences.place });
  }
}

/** What cannot be reached where it was goes under 'Recovered notes'; parents are written before their children. */
function settle({ rootId, recoveredId, live }: AuditInput, results: Results) {
  const rows = new Map<NoteId, Note>(live);
  for (const [id, { note }] of results) rows.set(id, note);
  let tree: Tree<Note> = buildTree(rows.values(), rootId);
  const strays = tree.recovered.filter((id) => results.has(id) && id !== recoveredId && id !== rootId);
  const isHomeUsable = !tree.trashed.has(recoveredId) && (rows.has(rootId) || rows.has(recoveredId));
  if (strays.length > 0 && isHomeUsable) {
    if (!rows.has(recoveredId)) {
      const last = tree.children.get(rootId)?.at(-1);
      const home = recoveredNote(
        recoveredId,
        rootId,
        keyBetween(last === undefined ? null : rows.get(last)!.orderKey, null),
      );
      rows.set(recoveredId, home);
      results.set(recoveredId, { note: home, revision: null, sentence: "" });
    }
    const last = tree.children.get(recoveredId)?.at(-1);
    let orderKey = last === undefined ? null : rows.get(last)!.orderKey;
    for (const id of strays) {
      orderKey = keyBetween(orderKey, null);
      const former = results.get(id)!;
      const note = { ...former.note, parentId: recoveredId, orderKey };
      rows.set(id, note);
      results.set(id, { note, revision: null, sentence: `${former.sentence} ${sentences.recovered}` });
    }
    tree = buildTree(rows.values(), rootId);
  }
  const steps: AuditStep[] = [];
  const items: ReportItem[] = [];
  for (const id of idsTopDown(tree)) {
    const result = results.get(id);
    if (result === undefined) continue;
    const expect = live.get(id) ?? null;
    steps.push({ note: result.note, expect, revision: result.revision, asItWas: result.revision !== null });
    if (result.sentence !== "") items.push(itemOf(result.note, expect, result.sentence, tree));
  }
  return { tree, steps, items };
}

function itemOf(note: Note, expect: Note | null, sentence: string, tree: Tree<Note>): ReportItem {
  return {
    noteId: note.id,
    outcome: "missing-on-server",
    title: titleOf(note.text),
    path: pathOf(tree, note.id),
    sentence,
    needsHelp: false,
    copyId: null,
    base: null,
    mine: note.text,
    theirs: expect?.text ?? null,
    result: note.text,
    undo: { before: expect, after: note },
  };
}

/** Kept in the report whole, because it is nowhere else but in the safety copies. */
function leftAway({ note }: KnownNote, current: Note | null, tree: Tree<Note>): ReportItem {
  return {
    noteId: note.id,
    outcome: "left-out",
    title: titleOf(note.text),
    path: note.parentId !== null && tree.rows.has(note.parentId) ? pathOf(tree, note.parentId, true) : [],
    sentence: current === null ? sentences.again : sentences.refused,
    needsHelp: true,
    copyId: null,
    base: null,
    mine: note.text,
    theirs: current?.text ?? null,
    result: current?.text ?? null,
    undo: null,
    leftOut: note,
  };
}

const pathLimit = 32;

function pathOf(tree: Tree<Note>, id: NoteId, withItself = false): string[] {
  const ids = ancestorsOf(tree, id, pathLimit);
  if (withItself && id !== tree.rootId) ids.push(id);
  return ids.map((each) => titleOf(tree.rows.get(each)!.text));
}
