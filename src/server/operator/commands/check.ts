/** `perennial-server check`. */
import { askAndReport } from "./ask";
import { type Command, readArguments } from "./command";

export const check: Command = {
  summary: "look for damage",
  help: `perennial-server check [--data DIR] [--json]

Reads everything and reports what is damaged. Exit code 1 when anything is.`,
  run(args, terminal) {
    const { dataDir, asJson } = readArguments(args, []);
    return askAndReport<{ problems: string[] }>(dataDir, { kind: "check" }, terminal, {
      asJson,
      isFailure: ({ problems }) => problems.length > 0,
      words({ problems }) {
        for (const problem of problems) terminal.error(problem);
        if (problems.length === 0) terminal.print("No damage found");
      },
    });
  },
};
