// The page of one note: its text (TextFields.tsx), or why that cannot be shown, and that it is in the trash.

import type { NoteId } from "../../shared/note";
import { Icon } from "../design/Icon";
import { restoreNote } from "../stores/note-actions";
import { useNotes } from "../stores/notes-store";
import { useEditing } from "./editing-store";
import "./editor.css";
import { TextFields } from "./TextFields";

type EditorProps = {
  readonly id: NoteId;
  readonly readOnly: boolean;
};

export function Editor({ id, readOnly }: EditorProps) {
  const text = useEditing((state) => state.editings.get(id)?.current ?? null);
  const failure = useEditing((state) => state.failure);
  const trashed = useNotes(({ tree }) => tree?.trashed.has(id) === true);
  const title = useNotes(({ tree }) => tree?.rows.get(id)?.title ?? "Untitled");
  if (failure !== null) {
    return (
      <main className="editor" aria-label="Note">
        <p className="editor-failure">{failure}</p>
      </main>
    );
  }
  return (
    <main className="editor" aria-label="Note" aria-busy={text === null}>
      <h1 className="visually-hidden">{title}</h1>
      {trashed ? <InTrash id={id} readOnly={readOnly} /> : null}
      {text === null ? null : <TextFields key={id} id={id} text={text} readOnly={readOnly || trashed} />}
    </main>
  );
}

function InTrash({ id, readOnly }: EditorProps) {
  return (
    <div className="in-trash">
      <Icon name="trash" />
      <p>This note is in the trash.</p>
      {readOnly ? null : (
        <button type="button" className="button small" onClick={() => void restoreNote(id)}>
          Restore
        </button>
      )}
    </div>
  );
}
