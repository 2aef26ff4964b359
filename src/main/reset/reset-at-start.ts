// What `new Realm.App` is going to do to the notes' files is known before it does: a reset that nobody told of, or a
// second one during a recovery, goes into the record here. Makes no copies and opens nothing for writing.

import { randomUUID } from "node:crypto";
import type { Log } from "../log";
import type { DataPaths } from "../paths";
import type { FileGenerations } from "../realm/file-generation";
import { readStoredOrders, type StoredOrder } from "../realm/stored-orders";
import { findResetAtStart, findSource, isResetAgain, type KnownFile } from "./find-reset";
import type { ResetDriver } from "./reset-driver";
import type { KnownOrders } from "./safety-copies";

type Dependencies = {
  readonly paths: DataPaths;
  readonly generations: FileGenerations;
  readonly driver: ResetDriver;
  readonly now: () => number;
  readonly log: Log;
};

/** Brings the record up to what Realm has stored, and answers what it will do. */
export function recordResetsAtStart(dependencies: Dependencies): KnownOrders {
  const { paths, generations, driver, log } = dependencies;
  const stored = readStoredOrders(paths.metadataRealm);
  if (stored.kind === "unreadable") {
    log("error", "Realm's stored orders cannot be read", { error: stored.message });
  }
  const known = stored.kind === "ok" ? stored : { orders: [], removedUserIds: [], currentUserId: null };
  const { orders, currentUserId: current } = known;
  const file = current === null ? null : generations.of(current);
  if (driver.state().kind === "idle" && current !== null && file !== null) {
    recordSilentReset({ userId: current, ...file }, orders, dependencies);
  }
  const state = driver.state();
  if (isResetAgain(state, orders) && "facts" in state) {
    log("warn", "a second reset was found that nobody had told of", { resetId: state.facts.resetId });
    driver.adoptAtStart({ ...state.facts, cause: "found-at-start", order: "realm" });
  }
  return known;
}

export function recordSilentReset(
  file: KnownFile,
  orders: readonly StoredOrder[],
  { paths, driver, now, log }: Dependencies,
): void {
  const facts = findResetAtStart(file, orders, { resetId: randomUUID(), atMs: now() });
  if (facts === null) return;
  if (findSource(facts, null, paths, file.earlierRecovered).kind === "none") {
    log("error", "the notes' file is gone, and so is every copy of it", { generation: facts.generation });
    return;
  }
  driver.adoptAtStart(facts);
  log("warn", "a reset was found that nobody had told of", { resetId: facts.resetId });
}
