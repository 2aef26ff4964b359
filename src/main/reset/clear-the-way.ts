// How the file that a reset gives up gets out of the notes' place: by Realm's stored order, or moved away by us. Only a
// file that is open nowhere is touched; whatever is uncertain is left to a restart.

import { existsSync } from "node:fs";
import type { ResetFacts } from "../../shared/reset-machine";
import type { DataPaths } from "../paths";
import { isProvedClosed } from "../realm/open-files";
import type { RealmApp } from "../realm/realm-app";
import { moveAway } from "./move-away";

type Clearing = {
  readonly app: Pick<RealmApp, "carryOutOrder">;
  /** Realm's App was opened just now, which carries stored orders out. Later Realm does so only when asked. */
  readonly isFirst: boolean;
  readonly paths: Pick<DataPaths, "recoveredRealms">;
  readonly now: () => number;
};

/** Answers why it is left to a restart, or null: nothing is in the place any more. Throws what the file system throws. */
export async function clearTheWay(
  { originalPath, order }: ResetFacts,
  { app, isFirst, paths, now }: Clearing,
): Promise<string | null> {
  if (!existsSync(originalPath)) return null;
  const obstacle = isFirst
    ? null
    : !(await isProvedClosed(originalPath))
      ? "the file may still be open"
      : order === "realm"
        ? app.carryOutOrder(originalPath)
        : null;
  if (obstacle !== null) return obstacle;
  if (existsSync(originalPath)) {
    // Nobody ordered it away, or Realm could not: where the name to move it to is taken, it leaves it there.
    moveAway(originalPath, paths.recoveredRealms, now());
    // An order that Realm could not carry out would be carried out upon the fresh file, at some later start.
    app.carryOutOrder(originalPath);
  }
  return null;
}
