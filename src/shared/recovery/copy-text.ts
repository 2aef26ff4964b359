// How the copy of a note is told from the note: in its title line, which is only added to, because it may be longer
// than a title is shown.

import { titleOf } from "../note";

/** `when`: this device's last change of it, in a person's words; null: not known. */
export function markedAsCopy(text: string, when: string | null): string {
  const { before, after } = aroundMark(text);
  return when === null ? before + after : `${before}, ${when}${after}`;
}

/** Whether nothing was added to `text` but the mark, with whatever time. */
export function isMarkedCopyOf(copy: string, text: string): boolean {
  const { before, after } = aroundMark(text);
  if (copy.length < before.length + after.length) return false;
  if (!copy.startsWith(before) || !copy.endsWith(after)) return false;
  return /^(, [^\n]+)?$/.test(copy.slice(before.length, copy.length - after.length));
}

function aroundMark(text: string): { readonly before: string; readonly after: string } {
  const title = /^.*\S/m.exec(text);
  const end = title === null ? 0 : title.index + title[0].length;
  const marked = title === null ? titleOf(text) : text.slice(0, end);
  return { before: `${marked} (your copy`, after: `)${text.slice(end)}` };
}
