/** `perennial-server backup` and `restore`. */
import { resolve } from "node:path";
import type { BackupReport, RestoreReport } from "../store-files";
import { askAndReport } from "./ask";
import { type Command, readArguments } from "./command";

export const backup: Command = {
  summary: "write a backup to a file",
  help: `perennial-server backup FILE [--data DIR] [--json]

Writes a complete backup, also while clients write. FILE must not exist.`,
  run(args, terminal) {
    const { dataDir, asJson, positionals } = readArguments(args, ["FILE"]);
    const request = { kind: "backup", path: resolve(positionals[0] ?? "") } as const;
    return askAndReport<{ value: BackupReport }>(dataDir, request, terminal, {
      asJson,
      words: ({ value }) =>
        terminal.print(`Backed up ${value.objects} objects (version ${value.version}) to ${value.path}`),
    });
  },
};

export const restore: Command = {
  summary: "put a backup in place of the store",
  help: `perennial-server restore FILE [--data DIR] [--json]

Puts a backup in the place of the present store, which is kept beside it. Clients that have seen anything newer
must reset; their backups keep what they hold. Works on a running server.`,
  run(args, terminal) {
    const { dataDir, asJson, positionals } = readArguments(args, ["FILE"]);
    const request = { kind: "restore", path: resolve(positionals[0] ?? "") } as const;
    return askAndReport<{ value: RestoreReport }>(dataDir, request, terminal, {
      asJson,
      words({ value: { objects, version, backupTakenAt, replacedStore, accounts } }) {
        terminal.print(`Restored ${objects} objects (version ${version}) from a backup of ${backupTakenAt}`);
        terminal.print(`Accounts are ${accounts}`);
        if (replacedStore !== undefined) terminal.print(`The former store is kept as ${replacedStore}`);
      },
    });
  },
};
