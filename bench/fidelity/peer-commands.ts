// What the bench asks of a process with the Realm SDK in it, and what it is answered. Each command is about one world;
// worlds are told apart by their number, and each has a user of its own.

import type { Note, NoteId } from "../../src/shared/note";
import type { NoteChange } from "../../src/shared/note-change";

export type Write = { readonly change: NoteChange; readonly revision: string };

export type Step =
  | { readonly kind: "write"; readonly writes: readonly Write[] }
  | { readonly kind: "upload" }
  | { readonly kind: "download" }
  | { readonly kind: "pause" };

export type Command =
  /** With a token that says whose world it is. */
  | { readonly kind: "log-in"; readonly token: string }
  /** Opens the realm and waits for its notes. */
  | { readonly kind: "open" }
  | { readonly kind: "path" }
  /** Opens a file that has its subscription already, and waits for nothing. */
  | { readonly kind: "open-copied" }
  | { readonly kind: "steps"; readonly steps: readonly Step[] }
  /** Opens the file that was left behind, and waits until Realm has done what it does by itself about a reset. */
  | { readonly kind: "recover" }
  | { readonly kind: "lose-notes"; readonly ids: readonly NoteId[] }
  | { readonly kind: "lose-lists" }
  | { readonly kind: "dump" }
  | { readonly kind: "close" };

export type Request = { readonly id: number; readonly world: number; readonly command: Command };

export type Reply =
  | { readonly id: number; readonly kind: "ok"; readonly value: unknown }
  | { readonly id: number; readonly kind: "failed"; readonly message: string };

/** `went-on`: the server had nothing to reset, because this client had seen nothing that it lost. */
export type Recovered =
  | { readonly kind: "recovered" }
  | { readonly kind: "went-on" }
  | { readonly kind: "failed"; readonly message: string };

export type Dumped = readonly { readonly note: Note; readonly revision: string }[];
