// Compares what every client typed with what is there at the end. Pure; asks nothing of the recovery engine but,
// for each copy it made, which note it is a copy of.

import type { Note } from "../../shared/note";
import { buildTree } from "../../shared/tree";
import type { Protocol } from "./typist";

export type Verdict = {
  readonly lost: number;
  readonly overwritten: number;
  readonly resurrected: number;
  readonly orphans: number;
  readonly duplicates: number;
  readonly converged: boolean;
  /** What was found wrong, word by word and note by note, for the person who has to mend it. */
  readonly findings: readonly string[];
};

type Notes = ReadonlyMap<string, Note>;

export type Ending = {
  readonly protocol: Protocol;
  /** The imported notes as they were before anybody edited them. */
  readonly imported: Notes;
  /** What a client that has just logged in for the first time gets: what the server has. */
  readonly server: Notes;
  readonly replicas: ReadonlyMap<string, Notes>;
  /** Id of a conflict copy to the id of the note it is a copy of. */
  readonly copies: ReadonlyMap<string, string>;
  /** Whose recovery came first: what they had put back by then is others' work for those who came later. */
  readonly recoveredFirst: string;
};

export function judge(ending: Ending): Verdict {
  const { protocol, imported, server, replicas, copies, recoveredFirst } = ending;
  const findings: string[] = [];
  const tree = buildTree(server.values());
  const placesOf = wordPlaces(server, protocol);

  const lost = protocol.words.filter(({ word, by, noteId }) => {
    const isLost = (placesOf.get(word) ?? []).length === 0;
    if (isLost) findings.push(`lost: ${word}, typed by ${by} into ${noteId}`);
    return isLost;
  }).length;
  const importedLost = [...imported.values()].filter(
    (note) => !keepsLines(server, copies, note, findings),
  ).length;

  const overwritten = protocol.words.filter(({ word, by, noteId }) => {
    const places = placesOf.get(word) ?? [];
    const isOverwritten = by === recoveredFirst && places.length > 0 && !places.includes(noteId);
    if (isOverwritten) findings.push(`overwritten: ${word} of ${by} is no longer in ${noteId}`);
    return isOverwritten;
  }).length;

  const resurrected = protocol.trashed.filter(({ noteId, by, stage }) => {
    const touchedByOthers =
      protocol.words.some((word) => word.noteId === noteId && word.by !== by) ||
      protocol.moved.some((move) => move.noteId === noteId && move.by !== by) ||
      hasForeignDescendants(tree, protocol, noteId, by);
    const isBack = !touchedByOthers && server.has(noteId) && !tree.trashed.has(noteId as Note["id"]);
    const movedOutLater = protocol.moved.some((move) => move.noteId === noteId && move.stage >= stage);
    if (isBack && !movedOutLater) findings.push(`resurrected: ${noteId}, put into the trash by ${by}`);
    return isBack && !movedOutLater;
  }).length;

  const orphans = tree.recovered.length;
  for (const id of tree.recovered) findings.push(`orphan: ${id}`);

  const duplicates = protocol.words.filter(({ word, noteId }) => {
    const strangers = (placesOf.get(word) ?? []).filter(
      (place) => place !== noteId && copies.get(place) !== noteId,
    );
    const twice = isInEqualLines(server.get(noteId)?.text ?? "", word);
    if (strangers.length > 0)
      findings.push(`duplicate: ${word} of ${noteId} is also in ${strangers.join(", ")}`);
    if (twice) findings.push(`duplicate: ${word} is in two equal lines of ${noteId}`);
    return strangers.length > 0 || twice;
  }).length;

  let converged = true;
  for (const [name, notes] of replicas) {
    for (const difference of differences(server, notes)) {
      converged = false;
      findings.push(`${name} differs from the server: ${difference}`);
    }
  }
  return { lost: lost + importedLost, overwritten, resurrected, orphans, duplicates, converged, findings };
}

function wordPlaces(notes: Notes, { words }: Protocol): Map<string, string[]> {
  const typed = new Set(words.map(({ word }) => word));
  const places = new Map<string, string[]>();
  for (const { id, text } of notes.values()) {
    for (const word of new Set(text.split(/[^0-9A-Za-z]+/))) {
      if (!typed.has(word)) continue;
      const found = places.get(word);
      if (found === undefined) places.set(word, [id]);
      else found.push(id);
    }
  }
  return places;
}

/** Every line of the imported document is still in the note or in a copy of it, perhaps with words added. */
function keepsLines(
  notes: Notes,
  copies: ReadonlyMap<string, string>,
  before: Note,
  findings: string[],
): boolean {
  const texts = [...notes.values()]
    .filter(({ id }) => id === before.id || copies.get(id) === before.id)
    .map(({ text }) => text)
    .join("\n");
  const lines = texts.split("\n");
  const starts = new Set(lines);
  const missing = before.text
    .split("\n")
    .filter((line) => !starts.has(line) && !lines.some((after) => after.startsWith(line)));
  if (missing.length > 0) findings.push(`lost: ${missing.length} imported lines of ${before.id}`);
  return missing.length === 0;
}

function hasForeignDescendants(
  tree: ReturnType<typeof buildTree<Note>>,
  { words, moved }: Protocol,
  noteId: string,
  by: string,
): boolean {
  const foreign = new Set([...words, ...moved].filter((each) => each.by !== by).map((each) => each.noteId));
  for (const id of foreign) {
    for (
      let at = tree.parents.get(id as Note["id"]) ?? null;
      at !== null;
      at = tree.parents.get(at) ?? null
    ) {
      if (at === noteId) return true;
    }
  }
  return false;
}

/** Two versions of a line that two hands changed may both hold a word; the same line twice is a duplicate. */
function isInEqualLines(text: string, word: string): boolean {
  const lines = text.split("\n").filter((line) => line.split(/[^0-9A-Za-z]+/).includes(word));
  return new Set(lines).size < lines.length;
}

function* differences(server: Notes, replica: Notes): Generator<string> {
  for (const [id, note] of server) {
    const other = replica.get(id);
    if (other === undefined) yield `${id} is missing`;
    else {
      for (const field of ["text", "parentId", "orderKey", "deletedAtMs", "isRoot"] as const) {
        if (note[field] !== other[field]) yield `${id}.${field}`;
      }
      if (note.childIds.join() !== other.childIds.join()) yield `${id}.children`;
    }
  }
  for (const id of replica.keys()) if (!server.has(id)) yield `${id} is too many`;
}
