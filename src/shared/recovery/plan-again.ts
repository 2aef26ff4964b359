// The plan of a recovery that has to begin again, because another reset came in its midst. Its safety copy stays the
// source; but the fresh file of the first attempt may have what only the server had, and has lost since. So each such
// file is recovered from as well, as a device that wrote nothing itself, and the plans are joined. Pure.

import { hasLinesOf, linesBeside } from "../line-sets";
import { mergeText, mergeTextKeepingBoth } from "../merge-text";
import { type Note, type NoteId, type NotesById, titleOf } from "../note";
import { buildTree, idsTopDown } from "../tree";
import { countSteps } from "./count-steps";
import { sameNote, unacked } from "./field-decisions";
import { planRecovery } from "./plan";
import {
  type FieldChange,
  type InterimSide,
  type NoteHistory,
  noHistory,
  type PlanStep,
  type RecoveryInput,
  type RecoveryPlan,
  type ReportItem,
} from "./plan-types";

export function planAgain(input: RecoveryInput): RecoveryPlan {
  const { interim = [] } = input;
  return interim.reduce((plan, side) => {
    const heeding = heedNewer(input, plan, side);
    const more = planForInterim(input, heeding, side);
    return more.steps.length === 0 ? heeding : joinPlans(input, heeding, more, side);
  }, planRecovery(input));
}

/**
 * Without what puts an older version back over one that says what others had made of that since: where the server shows
 * the same again as when the earlier attempt saw it last, there is nothing for that attempt's side to plan.
 */
function heedNewer(input: RecoveryInput, plan: RecoveryPlan, side: InterimSide): RecoveryPlan {
  // What a person here has changed must be known.
  if (!input.historyTrusted) return plan;
  const steps = plan.steps.flatMap((step): PlanStep[] => {
    const { note, expect } = step;
    const newer = side.notes.get(note.id);
    if (expect === null || newer === undefined || !sameNote(newer, expect)) return [step];
    if (!side.isNewer(note.id) || side.isBeside(note.id)) return [step];
    const { text, place, deletedAtMs } = input.history.get(note.id) ?? noHistory;
    const heeding: Note = {
      ...note,
      ...(unacked(text).length > 0 ? {} : { text: expect.text }),
      ...(unacked(place).length > 0 ? {} : { parentId: expect.parentId, orderKey: expect.orderKey }),
      ...(unacked(deletedAtMs).length > 0 ? {} : { deletedAtMs: expect.deletedAtMs }),
    };
    if (sameNote(heeding, note)) return [step];
    return sameNote(heeding, expect) ? [] : [{ ...step, note: heeding, asItWas: false }];
  });
  if (steps.length === plan.steps.length && steps.every((step, at) => step === plan.steps[at])) return plan;
  const notes = new Map(steps.map(({ note }) => [note.id, note]));
  const items = plan.items.flatMap((item): ReportItem[] => {
    const { undo, copyId } = item;
    const left = notes.get(item.noteId);
    if (!undo?.after || (left !== undefined && sameNote(left, undo.after))) return [item];
    if (left === undefined) return copyId === null ? [] : [{ ...item, undo: null }];
    return [{ ...item, result: left.text, undo: { ...undo, after: left } }];
  });
  return { ...plan, steps, items, counts: countSteps(input, steps) };
}

/** `perhaps`: others have written to the note since, or another device put the same words there. */
export type Arrived = "surely" | "perhaps" | "no";

/**
 * With the lines of an earlier attempt's plan that are true still: of what that attempt wrote and the server has, the
 * new plan has nothing to say, and the report is of the whole recovery. What may be another's is not undone with it.
 */
export function withLinesOf(
  earlier: RecoveryPlan | null,
  plan: RecoveryPlan,
  remote: NotesById,
  arrived: (id: NoteId) => Arrived,
): RecoveryPlan {
  const before = new Map((earlier?.items ?? []).map((item) => [item.noteId, item]));
  const told = new Set(plan.items.map(({ noteId }) => noteId));
  const hasCopy = ({ copyId }: ReportItem) =>
    copyId !== null && remote.has(copyId) && arrived(copyId) !== "no";
  const kept = [...before.values()].flatMap((item): ReportItem[] => {
    if (told.has(item.noteId)) return [];
    const now = remote.get(item.noteId);
    const was = item.undo?.before;
    const isWritten = now !== undefined && was !== undefined && (was === null || !sameNote(now, was));
    const how = isWritten ? arrived(item.noteId) : "no";
    if (how === "no" && !hasCopy(item)) return [];
    return [{ ...item, result: now?.text ?? null, ...(how === "surely" ? {} : { undo: null }) }];
  });
  // The copy stays, whatever the note comes to this time.
  const items = plan.items.map((item) => {
    const copyId = before.get(item.noteId)?.copyId ?? null;
    const copy = copyId === null ? undefined : remote.get(copyId);
    if (item.copyId !== null || copy === undefined || arrived(copy.id) === "no") return item;
    const sentence = `${item.sentence} Your version is in '${titleOf(copy.text)}' as well.`;
    return { ...item, copyId: copy.id, sentence };
  });
  const isSame = kept.length === 0 && items.every((item, index) => item === plan.items[index]);
  return isSame ? plan : { ...plan, items: [...kept, ...items] };
}

function planForInterim(input: RecoveryInput, plan: RecoveryPlan, side: InterimSide): RecoveryPlan {
  // A note under one that the plan puts back has its parent again.
  const remote = new Map(input.remote);
  for (const { note, expect } of plan.steps) {
    if (expect === null && !side.notes.has(note.id)) remote.set(note.id, note);
  }
  // What was known before the download is the first plan's to judge, and words that are there are there.
  const local = new Map(side.notes);
  let serverWentBack = input.serverWentBack === true;
  for (const [id, note] of local) {
    const now = remote.get(id);
    const isNews = side.isNews(id);
    if (!isNews) local.set(id, now ?? input.local.get(id) ?? note);
    if (!isNews || now === undefined) continue;
    const text = withOwnChanges(input, note, side.isBeside(id));
    local.set(id, { ...note, text: hasLinesOf(now.text, text) ? now.text : text });
    serverWentBack ||= side.isNewer(id);
  }
  return planRecovery({
    ...input,
    local,
    remote,
    history: new Map(),
    seen: { earlier: (id) => side.isNewer(id) && !side.isBeside(id), known: () => true },
    historyTrusted: true,
    serverWentBack,
  });
}

/**
 * So that a line that a person here took out is not taken for one that the server lost. `hadGoneBack`: and what the
 * server had confirmed of that it had lost again.
 */
function withOwnChanges({ local, history }: RecoveryInput, { id, text }: Note, hadGoneBack: boolean): string {
  const changes = history.get(id)?.text ?? [];
  const pending = unacked(changes);
  const mine = local.get(id)?.text;
  const [first] = pending;
  if (mine === undefined) return text;
  const merged = first === undefined ? null : mergeText(first.before, mine, text);
  const changed = merged?.kind === "merged" ? merged.text : text;
  return withoutLines(changed, takenOut(hadGoneBack ? changes : pending, mine));
}

function withoutLines(text: string, out: ReadonlySet<string>): string {
  const kept = text.split("\n").filter((line) => !out.has(line));
  return kept.join("\n");
}

/** The lines that this device took out and has not had since, blank ones aside. */
function takenOut(changes: readonly FieldChange<string>[], mine: string): ReadonlySet<string> {
  const out = changes.flatMap(({ before, after }) => linesBeside(after, before));
  return new Set(out.filter((line) => !hasLinesOf(mine, line)));
}

/** Both were made for the same state of the server; where both write a note, what each changed there holds. */
function joinPlans(
  input: RecoveryInput,
  first: RecoveryPlan,
  second: RecoveryPlan,
  side: InterimSide,
): RecoveryPlan {
  const steps = new Map(first.steps.map((step) => [step.note.id, step]));
  const items = new Map(first.items.map((item) => [item.noteId, item]));
  for (const step of second.steps) {
    const { id } = step.note;
    const other = steps.get(id);
    const isNewer = side.isNews(id) && !side.isBeside(id);
    const history = input.history.get(id) ?? noHistory;
    steps.set(id, other === undefined ? step : joinSteps(other, step, history, isNewer));
  }
  for (const item of second.items) {
    const step = steps.get(item.noteId);
    // A line about nothing that is written would say only that the server has its way.
    if (step === undefined) continue;
    items.set(item.noteId, joinItems(items.get(item.noteId), item, step));
  }
  const ordered = inTreeOrder(input, steps);
  return {
    strategy: first.strategy,
    steps: ordered,
    items: [...items.values()],
    rolledBack: first.rolledBack || second.rolledBack,
    counts: countSteps(input, ordered),
  };
}

/** `isNewer`: the second has it from after the first. Of what this device has changed itself the first holds. */
function joinSteps(first: PlanStep, second: PlanStep, history: NoteHistory, isNewer: boolean): PlanStep {
  const { expect } = first;
  // What this device's text had begun with, as far as the server was not seen to have it.
  const base = expect?.text ?? unacked(history.text)[0]?.before ?? null;
  const note = { ...first.note, text: joinTexts(base, first.note.text, second.note.text) };
  if (expect !== null && second.expect !== null) {
    if (first.note.parentId === expect.parentId && first.note.orderKey === expect.orderKey) {
      Object.assign(note, { parentId: second.note.parentId, orderKey: second.note.orderKey });
    }
    if (first.note.deletedAtMs === expect.deletedAtMs) {
      Object.assign(note, { deletedAtMs: second.note.deletedAtMs });
    }
  }
  // Neither plan finds it on the server, so there is nothing by which to tell which of them changes it.
  if (expect === null && second.expect === null && isNewer) {
    if (unacked(history.place).length === 0) {
      Object.assign(note, { parentId: second.note.parentId, orderKey: second.note.orderKey });
    }
    if (unacked(history.deletedAtMs).length === 0) {
      Object.assign(note, { deletedAtMs: second.note.deletedAtMs });
    }
  }
  const like = [first, second].find((step) => sameNote(step.note, note));
  return { note, expect, asItWas: like?.asItWas ?? false };
}

/** What adds no line of its own has nothing to say: were it to take out a blank one, the next planning would put it back. */
function joinTexts(base: string | null, first: string, second: string): string {
  if (hasLinesOf(first, second)) return first;
  if (base === null) return mergeTextKeepingBoth(second, first);
  const merged = mergeText(base, first, second);
  return merged.kind === "merged" ? merged.text : mergeTextKeepingBoth(second, first, base);
}

function joinItems(first: ReportItem | undefined, second: ReportItem, step: PlanStep): ReportItem {
  const written = { result: step.note.text, undo: { before: step.expect, after: step.note } };
  if (first === undefined) return { ...second, ...written };
  const isTold = first.sentence.includes(second.sentence);
  return {
    ...first,
    ...written,
    sentence: isTold ? first.sentence : `${first.sentence} ${second.sentence}`,
    needsHelp: first.needsHelp || second.needsHelp,
  };
}

/** Parents before their children; where the joined places lead nowhere, the check after the writing says so. */
function inTreeOrder({ remote, rootId }: RecoveryInput, steps: ReadonlyMap<NoteId, PlanStep>): PlanStep[] {
  const rows = new Map<NoteId, Note>(remote satisfies NotesById);
  for (const { note } of steps.values()) rows.set(note.id, note);
  return idsTopDown(buildTree(rows.values(), rootId)).flatMap((id) => steps.get(id) ?? []);
}
