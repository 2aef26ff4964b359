// A folder of notes with a reset under way, for the tests of what is fetched beside them. Real files; no realm.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { ResetFacts } from "../../../shared/reset-machine";
import { openFileGenerations } from "../../realm/file-generation";
import { plainSealing } from "../../sealed-file";

/** `moved`: whether the file that is left behind is away already. Nothing is in its place yet. */
export function folderInReset({ moved }: { readonly moved: boolean }) {
  const folder = mkdtempSync(join(tmpdir(), "perennial-fetched-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const user = join(folder, "user");
  mkdirSync(user);
  const paths = {
    fetchedAhead: join(folder, "fetched-ahead.json"),
    recoveredRealms: join(folder, "recovered-realms"),
    sealing: plainSealing,
  };
  const generations = openFileGenerations(
    join(folder, "generations.json"),
    () => [],
    () => undefined,
  );
  const originalPath = join(user, "notes.realm");
  const { generation } = generations.mint("u", originalPath, []);
  const facts: ResetFacts = {
    resetId: "r1",
    cause: "restored",
    code: 211,
    serverMessage: "",
    userId: "u",
    generation,
    originalPath,
    foundAtMs: 1,
    order: "realm",
    moved,
    resetsToday: 1,
    halvings: 0,
  };
  return { user, paths, generations, facts };
}
