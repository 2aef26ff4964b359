/** `show` of a document that a `deploy` reads. */
import type { AdminRequest } from "../requests";
import { askAndReport } from "./ask";
import { type Command, readArguments } from "./command";

/** @param summary what the document says, as a part of "show …" */
export function showDocument(
  group: "rules" | "schema",
  summary: string,
  kind: Extract<AdminRequest["kind"], "showRules" | "showSchema">,
): Command {
  return {
    summary: `show ${summary}`,
    help: `perennial-server ${group} show [--data DIR] [--json]

Prints the ${group} as JSON, in the form that "${group} deploy" reads.`,
    run(args, terminal) {
      const { dataDir, asJson } = readArguments(args, []);
      return askAndReport<unknown>(dataDir, { kind }, terminal, {
        asJson,
        words: (document) => terminal.print(JSON.stringify(document, null, 2)),
      });
    },
  };
}
