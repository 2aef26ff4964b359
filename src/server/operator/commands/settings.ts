/** `perennial-server settings` and `set`. */
import type { SetReport } from "../requests";
import { expectedOf, readSetting, type SettingName, type SettingsReport, settingNames } from "../settings";
import { askAndReport } from "./ask";
import { type Command, readArguments, UsageError } from "./command";

export const settings: Command = {
  summary: "show how the server is set",
  help: `perennial-server settings [--data DIR] [--json]

Shows every setting and where its value comes from: a start option, "set", or the default.`,
  run(args, terminal) {
    const { dataDir, asJson } = readArguments(args, []);
    return askAndReport<SettingsReport>(dataDir, { kind: "settings" }, terminal, {
      asJson,
      words(report) {
        for (const line of settingLines(report)) terminal.print(line);
      },
    });
  },
};

export const set: Command = {
  summary: "change a setting, also while the server runs",
  help: `perennial-server set max-offline DAYS [--data DIR] [--json]
perennial-server set development-mode on|off [--data DIR] [--json]

Counts at once and from then on. An option of start (--max-offline, --development-mode) counts instead while that
server runs, until the next set.

  max-offline       history older than DAYS is forgotten, at once and every hour; who was offline longer must reset.
                    0: never
  development-mode  on: clients add the classes and properties they bring; off: only "schema deploy" does`,
  run(args, terminal) {
    const { dataDir, asJson, positionals } = readArguments(args, ["NAME", "VALUE"]);
    const [name = "", text = ""] = positionals;
    if (!isSettingName(name))
      throw new UsageError(`There is no setting "${name}"; there are ${settingNames.join(" and ")}.`);
    const value = readSetting(name, text);
    if (value === undefined) throw new UsageError(`${name} must be ${expectedOf(name)}, not "${text}".`);
    return askAndReport<SetReport>(dataDir, { kind: "set", name, value }, terminal, {
      asJson,
      words({ forgottenVersions }) {
        terminal.print(`${name} is ${value} now`);
        if (forgottenVersions > 0)
          terminal.print(`${forgottenVersions} versions of the history were forgotten`);
      },
    });
  },
};

export function settingLines(report: SettingsReport): string[] {
  return settingNames.map((name) => `${name} is ${report[name].value} (${report[name].source})`);
}

function isSettingName(name: string): name is SettingName {
  return settingNames.some((known) => known === name);
}
