/** `perennial-server check`. */

import type { Problem } from "../../storage/storage";
import { adviceOn } from "../../storage/storage-trouble";
import { askAndReport } from "./ask";
import { type Command, readArguments } from "./command";

export const check: Command = {
  summary: "look for damage",
  help: `perennial-server check [--data DIR] [--json]

Reads everything and reports what is wrong where: pages, rows, history, changesets, objects against their classes,
client files, settings, accounts. Exit code 1 when anything is. With --json: {"problems": [{"where", "what"}]}.`,
  run(args, terminal) {
    const { dataDir, asJson } = readArguments(args, []);
    return askAndReport<{ problems: readonly Problem[] }>(dataDir, { kind: "check" }, terminal, {
      asJson,
      isFailure: ({ problems }) => problems.length > 0,
      words({ problems }) {
        for (const { where, what } of problems) terminal.error(`${where}: ${what}`);
        if (problems.length === 0) terminal.print("No damage found");
        else terminal.error(adviceOn.damaged);
      },
    });
  },
};
