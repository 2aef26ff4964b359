/** `perennial-server rules show` and `rules deploy`. */
import { presetNames } from "../../rules/rules";
import type { RulesDeployment } from "../deploy-rules";
import { askAndReport } from "./ask";
import { type Command, commandGroup, readArguments, readJsonFile } from "./command";
import { showDocument } from "./show-document";

const show = showDocument("rules", "who may read and write what", "showRules");

const deploy: Command = {
  summary: "make FILE the rules",
  help: `perennial-server rules deploy FILE [--dry-run] [--data DIR] [--json]

Makes the rules in FILE the server's, at once. A client that may now see other objects than before must reset.
Options of start (--owner-field, --shared) count instead while that server runs, until the next deploy.

  {
    "admins": ["gardener@example.com"],
    "default": { "preset": "own", "ownerField": "owner_id" },
    "classes": {
      "Notice": "readOnly",
      "Task": { "read": "owner_id == %%user.id OR isPublic == true", "write": "owner_id == %%user.id" }
    }
  }

A rule is one of the presets ${presetNames.join(", ")}, or a read and a write filter. Admins read and write all.

  --dry-run  only say whether the rules can be used`,
  run(args, terminal) {
    const { dataDir, asJson, positionals, flags } = readArguments(args, ["FILE"], ["dry-run"]);
    const rules = readJsonFile(positionals[0] ?? "");
    const request = { kind: "deployRules", rules, isDryRun: flags["dry-run"] } as const;
    return askAndReport<{ value: RulesDeployment }>(dataDir, request, terminal, {
      asJson,
      words({ value }) {
        for (const text of value.warnings) terminal.error(text);
        if (!value.isChanged) terminal.print("The rules are these already");
        else
          terminal.print(
            value.isDryRun ? "The rules can be used; nothing was changed" : "The rules are in effect",
          );
      },
    });
  },
};

export const rules = commandGroup("rules", "show or deploy who may read and write what", { show, deploy });
