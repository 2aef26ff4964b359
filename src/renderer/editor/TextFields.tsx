// Title and text of one note. The two fields belong to the browser while one types; this file only carries their
// content to the editing store and back, with the caret.

import type { ClipboardEvent, FormEvent, KeyboardEvent } from "react";
import { useCallback, useEffect, useLayoutEffect, useRef } from "react";
import type { NoteId } from "../../shared/note";
import { onCaretWanted, takeWantedCaret } from "../stores/navigation";
import { type Caret, rememberCaret, setView, useView } from "../stores/view-store";
import { Breadcrumbs } from "./Breadcrumbs";
import { save, typeText } from "./editing-store";
import { bodyOffset, joinText, listStep, mapOffset, splitText, type TextParts } from "./text-parts";

type TextFieldsProps = {
  readonly id: NoteId;
  readonly text: string;
  readonly readOnly: boolean;
};

export function TextFields({ id, text, readOnly }: TextFieldsProps) {
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
