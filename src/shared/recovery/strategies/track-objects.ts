// Strategy `track-objects`, 'track changes by object' of the guides: every object with `lastUpdated` after LastSynced
// is copied from the backup over the server's, whole, also the fields that others wrote since.

import type { Note, NoteId } from "../../note";
import { isObjectUpdated } from "./recorded";
import type { Strategy } from "./strategy";
import { planWriteOver } from "./write-over";

export const trackObjects: Strategy = (input) => {
  const wanted = new Map<NoteId, Note>();
  for (const [id, mine] of input.local) if (isObjectUpdated(input, id)) wanted.set(id, mine);
  return planWriteOver("track-objects", input, wanted);
};
