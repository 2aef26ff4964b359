// What was asked of the notes while nothing took changes for a moment, and is not answered yet: kept in a file, so that
// a process that ends first leaves it to the next one. Usually there is none. Text that is typed is kept by the window
// (kept-typing.ts), and an undo goes with the process whose steps it would have taken back.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Answer, noteId, noteText, target } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import { replaceFile } from "../durable-file";
import { ok } from "../handlers";
import type { Log } from "../log";
import type { DataPaths } from "../paths";
import { describeError } from "../realm/realm-errors";
import { readSealedJson } from "../sealed-file";
import type { NoteWriter } from "./copied-notes";
import type { NoteCommands } from "./note-commands";

/** With all that the answer needs besides the notes. */
const askedCommand = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("create"), id: noteId, target, text: noteText }),
  z.strictObject({
    kind: z.literal("rename"),
    id: noteId,
    title: z.string(),
    /** The text before the eyes of who gave the title. */
    seen: noteText.optional(),
  }),
  z.strictObject({ kind: z.literal("move"), id: noteId, target }),
  z.strictObject({
    kind: z.enum(["indent", "outdent"]),
    id: noteId,
    /** The note's parent when it was asked for. */
    from: noteId.nullable(),
  }),
  z.strictObject({ kind: z.enum(["trash", "restore"]), id: noteId }),
]);
export type AskedCommand = z.infer<typeof askedCommand>;
export type Creation = Extract<AskedCommand, { kind: "create" }>;

export type AskedCommands = {
  /** Its turn comes later. */
  readonly keep: (command: AskedCommand) => void;
  /** It was answered, or is not to be. */
  readonly drop: (command: AskedCommand) => void;
  /** What an earlier process has left of this kind, in order; what is dropped of it goes. */
  readonly leftBehind: () => readonly AskedCommand[];
};

/** Of one user. What cannot be written is said in the log, and is then lost with the process. */
export function openAskedCommands(
  { typing, sealing }: Pick<DataPaths, "typing" | "sealing">,
  userId: string,
  log: Log,
): AskedCommands {
  const file = join(typing, `${userId}.asked.json`);
  const read = readSealedJson(file, sealing);
  const parsed = z.array(askedCommand).safeParse(read.kind === "ok" ? read.value : []);
  if (read.kind === "unreadable" || !parsed.success)
    log("warn", "what was asked for and not answered makes no sense");
  let left: readonly AskedCommand[] = parsed.success ? parsed.data : [];
  let waiting: readonly AskedCommand[] = [];

  function write(): void {
    const all = [...left, ...waiting];
    try {
      if (all.length === 0) rmSync(file, { force: true });
      else replaceFile(file, sealing.seal(JSON.stringify(all)));
    } catch (error) {
      log("warn", "what is asked for is not kept on the disk", { error: describeError(error) });
    }
  }

  return {
    keep(command) {
      waiting = [...waiting, command];
      write();
    },
    drop(command) {
      const count = left.length + waiting.length;
      left = left.filter((each) => each !== command);
      waiting = waiting.filter((each) => each !== command);
      if (left.length + waiting.length < count) write();
    },
    leftBehind: () => left,
  };
}

/** A creation answers the new note's id. */
export function carryOut(command: Creation, notes: NoteCommands): Answer<NoteId>;
export function carryOut(command: Exclude<AskedCommand, Creation>, notes: NoteCommands): Answer<null>;
export function carryOut(command: AskedCommand, notes: NoteCommands): Answer<NoteId | null>;
export function carryOut(command: AskedCommand, notes: NoteCommands): Answer<NoteId | null> {
  switch (command.kind) {
    case "create":
      return notes.create(command.target, command.text, command.id);
    case "rename":
      return notes.rename(command.id, command.title, command.seen);
    case "move":
      return notes.move(command.id, command.target);
    case "indent":
    case "outdent":
    case "trash":
    case "restore":
      return notes[command.kind](command.id);
  }
}

/**
 * In a later process, which cannot tell whether the former one died before it did this or right after it: what is done
 * already is not done again. A note's words find another place where theirs is gone. Null: the note is not here, so a title has to wait.
 */
export function carryOutLater(
  command: AskedCommand,
  notes: NoteCommands,
  { read, rootId }: Pick<NoteWriter, "read" | "rootId">,
): Answer<NoteId | null> | null {
  const note = read(command.id);
  switch (command.kind) {
    case "create": {
      if (note !== null || command.text.trim() === "") return ok(command.id);
      const { parentId } = command.target;
      const others = [
        { parentId, afterId: null },
        { parentId: rootId, afterId: null },
      ];
      let answer = carryOut(command, notes);
      for (const instead of others) {
        if (answer.kind === "ok") break;
        answer = carryOut({ ...command, target: instead }, notes);
      }
      return answer;
    }
    case "rename":
      return note === null ? null : carryOut(command, notes);
    case "indent":
    case "outdent":
      return note?.parentId === command.from ? carryOut(command, notes) : ok(null);
    default:
      return carryOut(command, notes);
  }
}
