// Full-text search over the open notes: all words must occur, anywhere, upper and lower case alike. Titles first, then
// where the words stand together.

import type { SearchHit } from "../shared/ipc-contract";
import { type Note, titleOf } from "../shared/note";

const maxHits = 200;
const excerptLength = 160;

export function searchNotes(notes: Iterable<Note>, query: string): SearchHit[] {
  const words = query
    .toLocaleLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return [];
  const phrase = words.join(" ");
  const inTitle: SearchHit[] = [];
  const asPhrase: SearchHit[] = [];
  const inText: SearchHit[] = [];
  for (const note of notes) {
    if (note.isRoot) continue;
    const text = note.text.toLocaleLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    const title = titleOf(note.text);
    const lowerTitle = title.toLocaleLowerCase();
    const hit = { id: note.id, title, excerpt: excerptOf(note.text, [phrase, ...words]) };
    if (words.every((word) => lowerTitle.includes(word))) inTitle.push(hit);
    else if (text.includes(phrase)) asPhrase.push(hit);
    else inText.push(hit);
    if (inTitle.length >= maxHits) break;
  }
  return [...inTitle, ...asPhrase, ...inText].slice(0, maxHits);
}

/** From what stands below the title, which is told beside it: around the first of these that is there. */
function excerptOf(whole: string, sought: readonly string[]): string {
  const text = whole.replace(/^\s*[^\n]*\n?/, "");
  const lower = text.toLocaleLowerCase();
  const at = sought.map((words) => lower.indexOf(words)).find((index) => index !== -1);
  return excerptAround(text, at ?? 0);
}

function excerptAround(text: string, at: number): string {
  const from = Math.max(0, at - 40);
  const piece = text
    .slice(from, from + excerptLength)
    .replace(/\s+/g, " ")
    .trim();
  return `${from > 0 ? "…" : ""}${piece}${from + excerptLength < text.length ? "…" : ""}`;
}
