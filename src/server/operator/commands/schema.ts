/** `perennial-server schema show` and `schema deploy`. */
import type { SchemaDeployment } from "../deploy-schema";
import { askAndReport } from "./ask";
import { type Command, commandGroup, readArguments, readJsonFile } from "./command";
import { showDocument } from "./show-document";

const show = showDocument("schema", "the classes and their properties", "showSchema");

const deploy: Command = {
  summary: "make FILE the schema",
  help: `perennial-server schema deploy FILE [--force] [--dry-run] [--data DIR] [--json]

Makes the schema in FILE the server's. New classes and properties are added while clients go on writing. A schema
that removes a class or a property, or changes the type of one or a primary key, is refused with a list of what
would be lost.

  --force    do it all the same: values that fit are kept, the others are written to a file beside the store, and
             every client must reset
  --dry-run  only say what would happen`,
  run(args, terminal) {
    const { dataDir, asJson, positionals, flags } = readArguments(args, ["FILE"], ["force", "dry-run"]);
    const file = readJsonFile(positionals[0] ?? "");
    const request = {
      kind: "deploySchema",
      schema: file,
      isForced: flags.force,
      isDryRun: flags["dry-run"],
    } as const;
    return askAndReport<{ value: SchemaDeployment }>(dataDir, request, terminal, {
      asJson,
      words({ value }) {
        for (const text of value.added) terminal.print(`+ ${text}`);
        for (const text of value.removed) terminal.print(`- ${text}`);
        for (const text of value.warnings) terminal.error(text);
        if (value.added.length + value.removed.length === 0) terminal.print("The schema is this one already");
        if (value.lostValues + value.lostObjects > 0)
          terminal.print(`${value.lostValues} values and ${value.lostObjects} objects do not fit`);
        if (value.exportedTo !== null) terminal.print(`They are in ${value.exportedTo}`);
        if (value.everyClientResets) terminal.print("Every client must reset");
        if (value.isDryRun) terminal.print("Nothing was changed");
      },
    });
  },
};

export const schema = commandGroup("schema", "show or deploy the schema", { show, deploy });
