// Where a note stands: the notes above it, each a way there.

import type { NoteId } from "../../shared/note";
import { openNote } from "../stores/navigation";
import { useNotes } from "../stores/notes-store";
import { pathOf } from "../tree/places";

/** Deep notes show only where they stand nearby. */
const crumbsShown = 4;

export function Breadcrumbs({ id }: { readonly id: NoteId }) {
  const tree = useNotes((state) => state.tree);
  if (tree === null) return null;
  const above = pathOf(tree, id, crumbsShown);
  return (
    <nav className="breadcrumbs" aria-label="Place">
      {above.length === 0 ? null : (
        <ol>
          {above.map(({ id: aboveId, title }) => (
            <li key={aboveId}>
              <button type="button" dir="auto" title={title} onClick={() => openNote(aboveId)}>
                {title}
              </button>
            </li>
          ))}
        </ol>
      )}
    </nav>
  );
}
