// What this device had, completed from its edit journal: the safety copy lacks what another hand removed or wrote over
// before it was synced. Decides nothing about what the server has; only the local side is made whole. Pure.

import { mergeTextKeepingBoth } from "../merge-text";
import type { Note, NoteId, NotesById, Place } from "../note";
import { unacked } from "./field-decisions";
import { ownText } from "./own-text";
import type { RecoveryInput } from "./plan-types";

/** A note of which only the journal still has the words (removed by another hand before they were synced). */
export function withJournalOnlyNotes(input: RecoveryInput): NotesById {
  const { local, remote, history, rootId, historyTrusted, serverWentBack } = input;
  if (!historyTrusted) return local;
  // A copy without so much as the root is not what this device had: it lost its subscription, say.
  const isHollow = !local.has(rootId);
  const completed = new Map<NoteId, Note>();
  for (const [id, { created, born, text, place, deletedAtMs }] of history) {
    if (local.has(id) || id === rootId) continue;
    const found = remote.get(id);
    const known = text.at(-1)?.after ?? born?.text;
    let lastText = unacked(text).at(-1)?.after;
    if (found === undefined && (created === "unacked" || isHollow)) lastText ??= known;
    // What others wrote after this device is not to be told from what the server lost, so both stay.
    if (found !== undefined && isHollow && serverWentBack && known !== undefined) {
      lastText ??= mergeTextKeepingBoth(found.text, known);
    }
    if (lastText === undefined) continue;
    const lastPlace = place.at(-1)?.after ?? placeOf(born);
    const lastUpdatedMs = text.at(-1)?.atMs ?? born?.lastUpdatedMs ?? null;
    const blank = { id, isRoot: false, ...lastPlace, childIds: [], lastUpdatedMs };
    const lastDeleted = deletedAtMs.at(-1)?.after ?? born?.deletedAtMs ?? null;
    completed.set(id, { ...(found ?? { ...blank, deletedAtMs: lastDeleted }), text: lastText });
  }
  return completed.size === 0 ? local : new Map([...local, ...completed]);
}

function placeOf(born: Note | undefined): Place {
  return { parentId: born?.parentId ?? null, orderKey: born?.orderKey ?? "" };
}

/** With the words that another hand's text replaced before they were synced. */
export function withOwnTexts(local: NotesById, { history, historyTrusted }: RecoveryInput): NotesById {
  if (!historyTrusted) return local;
  const completed = new Map<NoteId, Note>();
  for (const [id, { text }] of history) {
    const here = local.get(id);
    if (here === undefined) continue;
    const own = ownText(here.text, unacked(text));
    if (own !== here.text) completed.set(id, { ...here, text: own });
  }
  return completed.size === 0 ? local : new Map([...local, ...completed]);
}
