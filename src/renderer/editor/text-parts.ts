// A note's text as the editor shows it: the title line apart from the rest. Pure; splitting and joining again
// gives the same text, to the letter.

export type TextParts = {
  /** `#` marks and the space after them, which the title's size stands for. */
  readonly mark: string;
  readonly title: string;
  /** False only for a text of one line without a line end. */
  readonly hasBody: boolean;
  readonly body: string;
};

export function splitText(text: string): TextParts {
  const end = text.indexOf("\n");
  const firstLine = end === -1 ? text : text.slice(0, end);
  const mark = /^#{1,6}[ \t]+/.exec(firstLine)?.[0] ?? "";
  return {
    mark,
    title: firstLine.slice(mark.length),
    hasBody: end !== -1,
    body: end === -1 ? "" : text.slice(end + 1),
  };
}

/** A title cannot hold a line end: what follows one moves to the front of the body. */
export function joinText({ mark, title, hasBody, body }: TextParts): string {
  return hasBody || body !== "" ? `${mark}${title}\n${body}` : mark + title;
}

/** Where the body begins in the whole text. */
export function bodyOffset({ mark, title }: TextParts): number {
  return mark.length + title.length + 1;
}

/**
 * Where a caret in `before` belongs in `after`: beside the same letters. Inside the part that changed it goes to
 * its own line again if that is still there, otherwise as near as the part's end allows.
 */
export function mapOffset(before: string, after: string, offset: number): number {
  const shorter = Math.min(before.length, after.length);
  let same = 0;
  while (same < shorter && before.charCodeAt(same) === after.charCodeAt(same)) same++;
  if (offset <= same) return offset;
  let sameAtEnd = 0;
  while (
    sameAtEnd < shorter - same &&
    before.charCodeAt(before.length - 1 - sameAtEnd) === after.charCodeAt(after.length - 1 - sameAtEnd)
  ) {
    sameAtEnd++;
  }
  if (offset >= before.length - sameAtEnd) return offset + after.length - before.length;
  const lineStart = before.lastIndexOf("\n", offset - 1) + 1;
  const lineEnd = before.indexOf("\n", offset);
  const line = before.slice(lineStart, lineEnd === -1 ? before.length : lineEnd);
  const found = line.trim() === "" ? -1 : findLine(after, line, lineStart);
  if (found !== -1) return found + (offset - lineStart);
  return Math.min(offset, after.length - sameAtEnd);
}

/** The start of the line in `text` that equals `line` and is nearest to `near`; -1 where there is none. */
function findLine(text: string, line: string, near: number): number {
  let best = -1;
  for (let at = text.indexOf(line); at !== -1; at = text.indexOf(line, at + 1)) {
    const end = at + line.length;
    const whole = (at === 0 || text[at - 1] === "\n") && (end === text.length || text[end] === "\n");
    if (whole && (best === -1 || Math.abs(at - near) < Math.abs(best - near))) best = at;
  }
  return best;
}

/** What Enter does on a line of a list. */
export type ListStep =
  /** Begin the next item with this mark. */
  | { readonly kind: "continue"; readonly insert: string }
  /** The item is empty: its mark goes, and the list ends here. */
  | { readonly kind: "end"; readonly from: number };

export function listStep(text: string, caret: number): ListStep | null {
  const from = text.lastIndexOf("\n", caret - 1) + 1;
  const line = text.slice(from, caret);
  const item = /^([ \t]*)(?:([-*+])|(\d{1,9})([.)]))([ \t]+)(\[[ xX]\][ \t]+)?/.exec(line);
  if (item === null) return null;
  const [mark, indent = "", bullet, digits, dot = "", gap = "", box] = item;
  const end = text.indexOf("\n", caret);
  const rest = text.slice(from + mark.length, end === -1 ? text.length : end);
  if (rest.trim() === "") return { kind: "end", from };
  const next = bullet ?? `${Number(digits) + 1}${dot}`;
  return { kind: "continue", insert: `\n${indent}${next}${gap}${box === undefined ? "" : "[ ] "}` };
}
