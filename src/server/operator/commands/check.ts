/** `perennial-server check`. */
import type { Problem } from "../../storage/storage";
import { askAndReport } from "./ask";
import { type Command, readArguments } from "./command";

export const check: Command = {
  summary: "look for damage",
  help: `perennial-server check [--data DIR] [--json]

Reads everything and reports what is damaged. Exit code 1 when anything is.`,
  run(args, terminal) {
    const { dataDir, asJson } = readArguments(args, []);
    return askAndReport<{ problems: readonly Problem[] }>(dataDir, { kind: "check" }, terminal, {
      asJson,
      isFailure: ({ problems }) => problems.length > 0,
      words({ problems }) {
        for (const { where, what } of problems) terminal.error(`${where}: ${what}`);
        if (problems.length === 0) terminal.print("No damage found");
      },
    });
  },
};
