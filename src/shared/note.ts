// The note as the whole app sees it, on both sides of the IPC boundary. Not the Realm schema (src/main/realm)
// and not the tree (tree.ts): only the shapes, the ids and what can be said of a single note.

export type NoteId = string & { readonly __brand: "NoteId" };

/** Lower-case canonical UUID text, `8-4-4-4-12`. */
export function isNoteId(value: unknown): value is NoteId {
  return (
    typeof value === "string" && /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(value)
  );
}

/** Where a note stands: its parent, and its order key among that parent's children (see order-key.ts). */
export type Place = { readonly parentId: NoteId | null; readonly orderKey: string };

/**
 * One note. `parentId` and `orderKey` are the truth that the tree is read from; `childIds` is the mirror of it
 * that clients which know only the published fields read and write, in list order.
 */
export type Note = {
  readonly id: NoteId;
  readonly text: string;
  readonly isRoot: boolean;
  readonly parentId: NoteId | null;
  readonly orderKey: string;
  readonly childIds: readonly NoteId[];
  /** Milliseconds since 1970 when it was put into the trash, or null. */
  readonly deletedAtMs: number | null;
  /** Milliseconds since 1970 by the clock of the device that wrote last. For display only, never for a decision. */
  readonly lastUpdatedMs: number | null;
};

export type NotesById = ReadonlyMap<NoteId, Note>;

/** In all but the list of children, which neither may have. */
export function isSameChildless(a: Note, b: Note): boolean {
  return (
    a.text === b.text &&
    a.parentId === b.parentId &&
    a.orderKey === b.orderKey &&
    a.deletedAtMs === b.deletedAtMs &&
    a.lastUpdatedMs === b.lastUpdatedMs &&
    a.isRoot === b.isRoot &&
    a.childIds.length === 0 &&
    b.childIds.length === 0
  );
}

/** What is left of a note that was deleted for good: so it is told from one that vanished. Never shown. */
export function isTombstone(note: Pick<Note, "text" | "parentId" | "deletedAtMs" | "isRoot">): boolean {
  return note.deletedAtMs !== null && note.text === "" && note.parentId === null && !note.isRoot;
}

export const titleLimit = 200;

/** The first line with any text, without Markdown's heading marks; empty text has the title 'Untitled'. */
export function titleOf(text: string): string {
  for (const line of firstLines(text)) {
    const title = line.replace(/^#{1,6}\s+/, "").trim();
    // Never in the middle of a sign that takes two places.
    if (title !== "")
      return title.length > titleLimit
        ? `${title.slice(0, titleLimit - 1).replace(/[\uD800-\uDBFF]$/, "")}…`
        : title;
  }
  return "Untitled";
}

function* firstLines(text: string): Generator<string> {
  let from = 0;
  while (from <= text.length) {
    const end = text.indexOf("\n", from);
    if (end === -1) {
      yield text.slice(from);
      return;
    }
    yield text.slice(from, end);
    from = end + 1;
  }
}

/** The text with its title line replaced, heading marks kept. Text without a title gets one in front. */
export function withTitle(text: string, title: string): string {
  const clean = title.replace(/\s*\n\s*/g, " ").trim();
  let from = 0;
  for (const line of firstLines(text)) {
    const heading = /^(#{1,6}\s+)?(.*)$/.exec(line);
    if (heading?.[2]?.trim()) {
      return `${text.slice(0, from)}${heading[1] ?? ""}${clean}${text.slice(from + line.length)}`;
    }
    from += line.length + 1;
  }
  return text === "" ? clean : `${clean}\n${text}`;
}
