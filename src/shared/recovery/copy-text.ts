// How the copy of a note is told from the note: in its title line.

import { titleOf } from "../note";

/** The title line is only added to: it may be longer than a title is shown. */
export function markedAsCopy(text: string): string {
  const title = /^.*\S/m.exec(text);
  if (title === null) return `${titleOf(text)} (your copy)${text}`;
  const end = title.index + title[0].length;
  return `${text.slice(0, end)} (your copy)${text.slice(end)}`;
}
