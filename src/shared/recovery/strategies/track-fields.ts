// Strategy `track-fields`, 'track changes by field' of the guides: every field with a time of its own after LastSynced
// is copied from the backup over the server's; the others stay as the server has them. An object that the server no
// longer has is put there whole, as the guides' upsert does.

import type { Note, NoteId } from "../../note";
import { fieldsUpdated, withField } from "./recorded";
import type { Strategy } from "./strategy";
import { planWriteOver } from "./write-over";

export const trackFields: Strategy = (input) => {
  const wanted = new Map<NoteId, Note>();
  for (const [id, mine] of input.local) {
    const fields = fieldsUpdated(input, id);
    if (fields.size === 0) continue;
    let note = input.remote.get(id) ?? mine;
    for (const field of fields) note = withField(note, field, mine);
    wanted.set(id, note);
  }
  return planWriteOver("track-fields", input, wanted);
};
