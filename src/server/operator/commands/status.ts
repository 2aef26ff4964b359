/** `perennial-server status`. */
import { adviceOn } from "../../storage/storage-trouble";
import type { StoreHealth } from "../../storage/store-health";
import type { StoreStatus } from "../operations";
import type { SettingsReport } from "../settings";
import { askAndReport } from "./ask";
import { type Command, readArguments } from "./command";
import { settingLines } from "./settings";

type Status = StoreStatus & {
  readonly settings: SettingsReport;
  readonly url?: string;
  readonly pid?: number;
  readonly sessions?: number;
  readonly health?: StoreHealth;
};

export const status: Command = {
  summary: "show what there is",
  help: `perennial-server status [--data DIR] [--json]

Shows what the store holds, how it is set, and whether a server is running.`,
  run(args, terminal) {
    const { dataDir, asJson } = readArguments(args, []);
    return askAndReport<Status>(dataDir, { kind: "status" }, terminal, {
      asJson,
      words(found) {
        const { url, pid, objects, classes, version, clientFiles, sessions = 0, incident } = found;
        terminal.print(url === undefined ? "not running" : `running at ${url} (process ${pid})`);
        terminal.print(`${objects} objects of ${classes.length} classes, version ${version}`);
        terminal.print(`${clientFiles} client files, ${sessions} connected`);
        terminal.print(`sync is ${found.isSyncEnabled ? "on" : "off"}`);
        const { health } = found;
        if (health !== undefined && health.kind !== "ok") {
          terminal.print(`since ${new Date(health.sinceMs).toISOString()}: ${adviceOn[health.kind]}`);
        }
        for (const line of settingLines(found.settings)) terminal.print(line);
        if (incident !== undefined) terminal.print(incident);
      },
    });
  },
};
