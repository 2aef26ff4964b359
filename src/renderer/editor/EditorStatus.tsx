// The right end of the status bar: how long the open note is, when it was edited, whether it is saved.

import { useDeferredValue, useMemo } from "react";
import { countOfWords, dateAndTime, plural, relativeTime } from "../design/words";
import { waitsForRecovery } from "../reset/reset-words";
import { useNow } from "../status/use-now";
import { useApp } from "../stores/app-store";
import { useNotes } from "../stores/notes-store";
import { useView } from "../stores/view-store";
import { isSaved } from "./editing";
import { useEditing } from "./editing-store";

export function EditorStatus() {
  const page = useView((view) => view.page.kind);
  const editing = useEditing((state) =>
    state.shownId === null ? undefined : state.editings.get(state.shownId),
  );
  const row = useNotes(({ tree }) => (editing === undefined ? undefined : tree?.rows.get(editing.id)));
  // While a recovery writes, what is typed waits for its end.
  const isSaveWaiting = useApp(({ app }) => app !== null && waitsForRecovery(app.reset));
  const nowMs = useNow(20_000);
  // Counting a long text must not hold up the typing.
  const text = useDeferredValue(editing?.current ?? "");
  const words = useMemo(() => countOfWords(text), [text]);
  if (page !== "note" || editing === undefined) return null;
  const editedMs = row?.lastUpdatedMs ?? null;
  return (
    <div className="editor-status">
      {editing.refused || (isSaveWaiting && !isSaved(editing)) ? (
        <span className="not-saved">Not saved yet</span>
      ) : null}
      <span>{plural(words, "word")}</span>
      {editedMs === null ? null : (
        <span title={dateAndTime(editedMs)}>Edited {relativeTime(editedMs, nowMs)}</span>
      )}
    </div>
  );
}
