// Answers the channels that bring many notes in or out at once: a folder of Markdown files is imported, or written.

import type { Answer, AppState, Imported } from "../../shared/ipc-contract";
import type { NoteId } from "../../shared/note";
import type { Desktop } from "../answers";
import { type Handlers, notNow, ok, refused } from "../handlers";
import { readShown } from "../notes/note-answers";
import type { Perennial } from "../perennial";
import { titleOfExport } from "../sealed-file";
import type { Session } from "../session";
import { exportLeftovers, exportNotes } from "./export-folder";
import { commitInBatches, planImport } from "./import-folder";

type TransferChannel = "notes:export" | "notes:import-folder";

export type TransferAnswers = {
  readonly handlers: Pick<Handlers, TransferChannel>;
  /** How far the import under way is; null: none is. */
  readonly importing: () => AppState["importing"];
};

/** `writable`: the session, where notes may be changed now. */
export function createTransferAnswers(
  perennial: Perennial,
  desktop: Pick<Desktop, "chooseFolder">,
  writable: () => Session | null,
  now: () => number,
): TransferAnswers {
  let importing: AppState["importing"] = null;
  /** From the question for a folder on: whoever asks twice would import twice. */
  let isUnderWay = false;

  async function importOnce(given: string | null): Promise<Answer<Imported>> {
    if (writable() === null) return notNow(perennial.readOnly());
    if (isUnderWay) return refused("An import is running already.");
    isUnderWay = true;
    try {
      const folder = given ?? (await desktop.chooseFolder("Import a folder of Markdown files"));
      return folder === null ? ok({ notes: 0, skipped: [] }) : await importFolder(folder);
    } finally {
      isUnderWay = false;
    }
  }

  async function importFolder(folder: string): Promise<Answer<Imported>> {
    // A reset may have begun while the folder was chosen.
    const session = writable();
    if (session === null) return notNow(perennial.readOnly());
    try {
      const { rootId } = session.store;
      const lastKey = lastChildKey(session, rootId);
      const { changes, skipped } = await planImport(folder, rootId, lastKey, { atMs: now() });
      if (changes.length === 0) return refused("There is no Markdown file in that folder.");
      await commitInBatches(changes, session.store.commit, (done, total) => {
        importing = { done, total };
        perennial.changed();
      });
      return ok({ notes: changes.length, skipped });
    } catch (error) {
      return refused(`The folder could not be imported: ${(error as Error).message}`);
    } finally {
      importing = null;
      perennial.changed();
    }
  }

  return {
    importing: () => importing,
    handlers: {
      "notes:import-folder": ({ folder }) => importOnce(folder),
      "notes:export": async ({ folder: given }) => {
        const all = readShown(perennial);
        if (all === null) return refused("The notes are not open yet.");
        const folder =
          given ??
          (await desktop.chooseFolder(
            titleOfExport("Export all notes as Markdown", perennial.paths.sealing),
          ));
        if (folder === null) return ok(0);
        try {
          const files = await exportNotes(all.notes, all.rootId, folder);
          const rest = perennial.leftovers();
          if (rest !== null) await exportLeftovers(rest, all.notes, files, folder);
          return ok(files.size);
        } catch (error) {
          return refused(`The notes could not be exported: ${(error as Error).message}`);
        }
      },
    },
  };
}

function lastChildKey(session: Session, parentId: NoteId): string | null {
  let last: string | null = null;
  for (const row of session.store.rows().values()) {
    if (row.parentId === parentId && (last === null || row.orderKey > last)) last = row.orderKey;
  }
  return last;
}
