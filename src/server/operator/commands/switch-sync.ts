/** `perennial-server terminate`, `enable` and `stop`. */
import { askAndReport } from "./ask";
import { type Command, readArguments } from "./command";

export const terminate = simple(
  "terminate",
  "switch sync off; every client must reset",
  `Switches sync off and forgets all clients and the history; objects and accounts stay. Every client must reset
once sync is enabled again.`,
);

export const enable = simple("enable", "switch sync on again", "Switches sync on again after terminate.");

export const stop = simple("stop", "stop the running server", "Stops the running server.");

function simple(kind: "terminate" | "enable" | "stop", summary: string, text: string): Command {
  return {
    summary,
    help: `perennial-server ${kind} [--data DIR] [--json]\n\n${text}`,
    run(args, terminal) {
      const { dataDir, asJson } = readArguments(args, []);
      return askAndReport(dataDir, { kind }, terminal, { asJson, words: () => terminal.print("done") });
    },
  };
}
