// Strategy `track-updates`, 'track updates separately from objects' of the guides: a log beside the objects says which
// field of which object was written; its entries after LastSynced are written again, one after the other, each with
// the latest value that the backup has of that field.

import type { Note, NoteId } from "../../note";
import { updatesAfterLastSynced, withField } from "./recorded";
import type { Strategy } from "./strategy";
import { planWriteOver } from "./write-over";

export const trackUpdates: Strategy = (input) => {
  const wanted = new Map<NoteId, Note>();
  for (const { noteId, field } of updatesAfterLastSynced(input)) {
    const mine = input.local.get(noteId);
    // Of an object that was removed for good the backup has no value to write again.
    if (mine === undefined) continue;
    const soFar = wanted.get(noteId) ?? input.remote.get(noteId) ?? mine;
    wanted.set(noteId, withField(soFar, field, mine));
  }
  return planWriteOver("track-updates", input, wanted);
};
