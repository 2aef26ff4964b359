/** `perennial-server status`. */
import type { FrameLoad } from "../../session/buffered-frames";
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
  readonly frames?: FrameLoad;
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
        if (found.frames) terminal.print(frameLine(found.frames));
        for (const line of settingLines(found.settings)) terminal.print(line);
        if (incident !== undefined) terminal.print(incident);
      },
    });
  },
};

function frameLine({ limitBytes, incomingBytes, outgoingBytes, held, cut }: FrameLoad): string {
  const [incoming, outgoing, limit] = [incomingBytes, outgoingBytes, limitBytes].map((bytes) =>
    (bytes / 2 ** 20).toFixed(1),
  );
  const waiting = held + cut > 0 ? `; ${held} connections wait, ${cut} were cut` : "";
  return `${incoming} MB are coming in, ${outgoing} MB going out, of ${limit} MB each${waiting}`;
}
