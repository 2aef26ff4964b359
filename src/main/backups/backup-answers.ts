// Answers the channels about safety copies. They work without a session, so before a log-in and with sync dead.

import { join } from "node:path";
import { keptWords, mayDelete } from "../../shared/backup-rules";
import type { BackupRow } from "../../shared/ipc-contract";
import { type ResetCause, resetCauses } from "../../shared/recovery/plan-types";
import { causeText, utc } from "../../shared/recovery/report";
import type { Desktop } from "../answers";
import { type Handlers, ok, refused } from "../handlers";
import type { Perennial } from "../perennial";
import { describeError } from "../realm/realm-errors";
import { titleOfExport } from "../sealed-file";
import { type CopyOnShelf, exportCopyAsJson, exportCopyAsMarkdown, listShelf, removeCopy } from "./shelf";

type BackupChannel =
  | "backups:list"
  | "backups:make"
  | "backups:open"
  | "backups:close"
  | "backups:export"
  | "backups:delete"
  | "backups:reveal";

export function createBackupAnswers(
  perennial: Perennial,
  desktop: Pick<Desktop, "chooseFolder" | "chooseFileToSave" | "openFolder">,
): Pick<Handlers, BackupChannel> {
  const { backups, sealing } = perennial.paths;

  /**
   * Those of who is signed in and of nobody; with nobody signed in all of this computer's, for then it is the computer
   * that is asked.
   */
  function shelf(): CopyOnShelf[] {
    const userId = perennial.userId();
    return listShelf(backups, perennial.reports.readAny).filter(
      (copy) => userId === null || copy.userId === userId || copy.kept.kind === "of-no-account",
    );
  }

  const find = (name: string) => shelf().find((copy) => copy.name === name) ?? null;
  const gone = refused("This safety copy is not there any more.");

  return {
    "backups:list": () => ok(shelf().map(rowOf)),
    "backups:make": async () => {
      const made = await perennial.makeCopy();
      return made.kind === "ok" ? ok(null) : refused(made.message);
    },
    "backups:open": async ({ name }) => {
      const copy = find(name);
      if (copy === null) return gone;
      const problem = await perennial.viewCopy(copy);
      return problem === null ? ok(null) : refused(problem);
    },
    "backups:close": () => {
      perennial.viewCopy(null);
      return ok(null);
    },
    "backups:export": async ({ name, format, to }) => {
      if (find(name) === null) return gone;
      const place =
        to ??
        (format === "markdown"
          ? await desktop.chooseFolder(titleOfExport("Export a safety copy as Markdown", sealing))
          : await desktop.chooseFileToSave(
              titleOfExport("Export a safety copy as JSON", sealing),
              "Safety copy.json",
            ));
      if (place === null) return ok(0);
      const done =
        format === "markdown"
          ? await exportCopyAsMarkdown(backups, name, place, sealing)
          : await exportCopyAsJson(backups, name, place, sealing);
      return done.kind === "ok" ? ok(done.notes) : refused(done.message);
    },
    "backups:delete": ({ name }) => {
      const copy = find(name);
      if (copy === null) return gone;
      if (perennial.state().viewedCopy?.name === name) {
        return refused("You are reading this safety copy. Go back to your notes first.");
      }
      if (perennial.resetState().kind !== "idle") {
        return refused("Your notes are being recovered. No safety copy is deleted until that is done.");
      }
      if (!mayDelete(copy.kept)) return refused(keptWords(copy.kept, utc));
      try {
        removeCopy(backups, name);
        return ok(null);
      } catch (error) {
        return refused(`The safety copy could not be deleted: ${describeError(error)}`);
      }
    },
    "backups:reveal": async ({ name }) => {
      if (find(name) === null) return gone;
      await desktop.openFolder(join(backups, name));
      return ok(null);
    },
  };
}

function rowOf({ name, kind, createdAtMs, manifest, resetId, kept }: CopyOnShelf): BackupRow {
  const cause: ResetCause = resetCauses.find((each) => each === manifest.cause) ?? "unknown";
  return {
    name,
    why: kind === "daily" ? "Made once a day, or when you ask for it." : causeText(cause),
    createdAtMs,
    notes: manifest.notes,
    sizeBytes: manifest.sizeBytes,
    resetId,
    kept,
  };
}
