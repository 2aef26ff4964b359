// The file generations of a data folder, from their file or, where that cannot be read, from what the journals tell.

import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "./log";
import { newestHeaders } from "./notes/journal";
import { type DataPaths, realmFileOf } from "./paths";
import { type FileGenerations, openFileGenerations } from "./realm/file-generation";
import { listRecovered } from "./reset/find-reset";

export function openGenerations(paths: DataPaths, log: Log): FileGenerations {
  return openFileGenerations(
    join(paths.local, "generations.json"),
    () =>
      newestHeaders(paths.journals, paths.sealing).map(({ userId, generation }) => {
        const path = join(realpathSync(paths.dataDir), realmFileOf(userId));
        const earlierRecovered = existsSync(path) ? listRecovered(paths.recoveredRealms) : [];
        return { userId, generation, path, earlierRecovered };
      }),
    (error) => {
      log("error", "the file generations were unreadable and are taken from the journals", { error });
    },
  );
}
