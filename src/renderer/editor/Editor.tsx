// The page of one note: where it stands, its title, its text. The text fields belong to the browser while one
// types; this file only carries their content to the editing store and back, with the caret.

import type { ClipboardEvent, FormEvent, KeyboardEvent } from "react";
import { useCallback, useEffect, useLayoutEffect, useRef } from "react";
import type { NoteId } from "../../shared/note";
import { Icon } from "../design/Icon";
import { onCaretWanted, openNote, takeWantedCaret } from "../stores/navigation";
import { restoreNote } from "../stores/note-actions";
import { useNotes } from "../stores/notes-store";
import { type Caret, rememberCaret, setView, useView } from "../stores/view-store";
import { pathOf } from "../tree/places";
import { save, typeText, useEditing } from "./editing-store";
import "./editor.css";
import { bodyOffset, joinText, listStep, mapOffset, splitText, type TextParts } from "./text-parts";

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

type TextFieldsProps = {
  readonly id: NoteId;
  readonly text: string;
  readonly readOnly: boolean;
};

function TextFields({ id, text, readOnly }: TextFieldsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const title = useRef<HTMLTextAreaElement>(null);
  const body = useRef<HTMLTextAreaElement>(null);
  /** What the two fields cannot hold themselves: the heading's mark, and whether a line end follows the title. */
  const parts = useRef<TextParts>({ mark: "", title: "", hasBody: false, body: "" });

  const shown = useCallback(
    () => joinText({ ...parts.current, title: title.current?.value ?? "", body: body.current?.value ?? "" }),
    [],
  );

  const show = useCallback((next: string) => {
    parts.current = splitText(next);
    setValue(title.current, parts.current.title);
    setValue(body.current, parts.current.body);
  }, []);

  const caret = useCallback((): Caret | null => {
    const field = document.activeElement;
    if (!(field instanceof HTMLTextAreaElement) || (field !== title.current && field !== body.current))
      return null;
    const now = { ...parts.current, title: title.current?.value ?? "" };
    const offset = field === body.current ? bodyOffset(now) : now.mark.length;
    return {
      start: offset + field.selectionStart,
      end: offset + field.selectionEnd,
      top: scroller.current?.scrollTop ?? 0,
    };
  }, []);

  const placeCaret = useCallback((start: number, end: number, focus: boolean) => {
    const inBody = start >= bodyOffset(parts.current);
    const field = inBody ? body.current : title.current;
    const offset = inBody ? bodyOffset(parts.current) : parts.current.mark.length;
    field?.setSelectionRange(Math.max(0, start - offset), Math.max(0, end - offset));
    if (focus) field?.focus({ preventScroll: true });
  }, []);

  // What comes from the store and is not what is typed here (another device, an undo) goes into the fields, and
  // the caret stays beside its letters.
  useLayoutEffect(() => {
    const before = shown();
    if (before === text) return;
    const at = caret();
    show(text);
    if (at === null) return;
    placeCaret(mapOffset(before, text, at.start), mapOffset(before, text, at.end), true);
    if (scroller.current !== null) scroller.current.scrollTop = at.top;
  }, [text, shown, show, caret, placeCaret]);

  // Back to where the person was in this note.
  useLayoutEffect(() => {
    const kept = useView.getState().carets.get(id);
    if (kept === undefined) return;
    placeCaret(kept.start, kept.end, false);
    if (scroller.current !== null) scroller.current.scrollTop = kept.top;
  }, [id, placeCaret]);

  useEffect(() => {
    const take = () => {
      const wanted = takeWantedCaret(id);
      if (wanted === "title") {
        title.current?.focus();
        title.current?.select();
      } else if (wanted === "text") {
        const kept = useView.getState().carets.get(id);
        if (kept === undefined) body.current?.focus();
        else placeCaret(kept.start, kept.end, true);
      }
    };
    take();
    return onCaretWanted(take);
  }, [id, placeCaret]);

  const remember = useCallback(() => {
    const at = caret();
    if (at !== null) rememberCaret(id, at);
  }, [id, caret]);

  useEffect(() => {
    window.addEventListener("beforeunload", remember);
    return () => window.removeEventListener("beforeunload", remember);
  }, [remember]);

  const onInput = () => {
    parts.current = { ...parts.current, hasBody: parts.current.hasBody || body.current?.value !== "" };
    typeText(id, shown());
  };

  const onTitleInput = (event: FormEvent<HTMLTextAreaElement>) => {
    const field = event.currentTarget;
    if (field.value.includes("\n")) {
      // Pasted lines: the first is the title, the others go to the front of the text.
      const at = field.selectionEnd;
      const whole = shown();
      show(whole);
      placeCaret(parts.current.mark.length + at, parts.current.mark.length + at, true);
    }
    onInput();
  };

  const onTitleKey = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || readOnly) return;
    const field = event.currentTarget;
    const rest = field.value.slice(field.selectionEnd);
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      field.value = field.value.slice(0, field.selectionStart);
      if (body.current !== null && (rest !== "" || parts.current.hasBody)) {
        const before = body.current.value;
        if (rest !== "" || before !== "") body.current.value = before === "" ? rest : `${rest}\n${before}`;
      }
      parts.current = { ...parts.current, hasBody: true };
      body.current?.focus();
      body.current?.setSelectionRange(0, 0);
      onInput();
    } else if (event.key === "ArrowDown" && rest === "" && plain(event)) {
      event.preventDefault();
      body.current?.focus();
      body.current?.setSelectionRange(0, 0);
    }
  };

  const onBodyKey = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    const field = event.currentTarget;
    const atStart = field.selectionStart === 0 && field.selectionEnd === 0;
    if (event.key === "Backspace" && atStart && !readOnly && title.current !== null) {
      event.preventDefault();
      joinFirstLine(title.current, field);
      parts.current = { ...parts.current, hasBody: field.value !== "" };
      onInput();
    } else if ((event.key === "ArrowUp" || event.key === "ArrowLeft") && atStart && plain(event)) {
      event.preventDefault();
      const end = title.current?.value.length ?? 0;
      title.current?.focus();
      title.current?.setSelectionRange(end, end);
    } else if (
      event.key === "Enter" &&
      plain(event) &&
      !readOnly &&
      field.selectionStart === field.selectionEnd
    ) {
      const step = listStep(field.value, field.selectionStart);
      if (step === null) return;
      event.preventDefault();
      if (step.kind === "end") field.setSelectionRange(step.from, field.selectionStart);
      // The browser's own insertion keeps the field's undo.
      document.execCommand(
        step.kind === "end" ? "delete" : "insertText",
        false,
        step.kind === "end" ? "" : step.insert,
      );
    }
  };

  const onLeave = () => {
    remember();
    void save(id);
  };

  return (
    <div className="editor-scroll" ref={scroller} onScroll={remember}>
      <div className="editor-column">
        <Breadcrumbs id={id} />
        <textarea
          ref={title}
          dir="auto"
          className="title-field"
          aria-label="Title"
          placeholder="Untitled"
          rows={1}
          readOnly={readOnly}
          spellCheck
          onInput={onTitleInput}
          onKeyDown={onTitleKey}
          onFocus={() => setView({ lastIn: "editor" })}
          onSelect={remember}
          onBlur={onLeave}
        />
        <textarea
          ref={body}
          dir="auto"
          className="body-field"
          aria-label="Text"
          placeholder={readOnly ? "" : "Write…"}
          readOnly={readOnly}
          spellCheck
          onInput={onInput}
          onKeyDown={onBodyKey}
          onFocus={() => setView({ lastIn: "editor" })}
          onSelect={remember}
          onBlur={onLeave}
          onPaste={keepPlain}
        />
      </div>
    </div>
  );
}

function plain(event: KeyboardEvent): boolean {
  return !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey;
}

function setValue(field: HTMLTextAreaElement | null, value: string): void {
  if (field !== null && field.value !== value) field.value = value;
}

/** Backspace at the front of the text: its first line joins the title. */
function joinFirstLine(title: HTMLTextAreaElement, body: HTMLTextAreaElement): void {
  const end = body.value.indexOf("\n");
  const first = end === -1 ? body.value : body.value.slice(0, end);
  const caret = title.value.length;
  title.value += first;
  body.value = end === -1 ? "" : body.value.slice(end + 1);
  title.focus();
  title.setSelectionRange(caret, caret);
}

/** Line ends of other systems would count as changed lines for ever. */
function keepPlain(event: ClipboardEvent<HTMLTextAreaElement>): void {
  const pasted = event.clipboardData.getData("text/plain");
  if (!pasted.includes("\r")) return;
  event.preventDefault();
  document.execCommand("insertText", false, pasted.replace(/\r\n?/g, "\n"));
}

/** Deep notes show only where they stand nearby. */
const crumbsShown = 4;

function Breadcrumbs({ id }: { readonly id: NoteId }) {
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
