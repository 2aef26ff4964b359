/** `perennial-server start`: the one command that stays. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { createLog, errorFields, type LogLevel } from "../../log";
import { type RulesDocument, readRules } from "../../rules/rules";
import { startServer } from "../../server";
import { expectedOf, readSetting, type SettingName, type StartOverrides } from "../settings";
import { type Command, dataOption, parsed, type Terminal, UsageError } from "./command";

export const start: Command = {
  summary: "start the server",
  help: `perennial-server start [options]

Starts the sync server and prints where it listens.

  --data DIR              where everything is kept (default: ./perennial-data)
  --port N                0 for any free port (default: the port of the last start, else any free one)
  --host HOST             the address to listen on (default: 127.0.0.1)
  --public-url URL        where clients reach the server, if not at that address
  --app-id ID             the app id clients use (default: perennial)
  --owner-field NAME      users read and write what has their id in this property (default: as deployed, else owner_id)
  --shared                every user reads and writes everything
  --development-mode on|off
                          whether clients may add classes and properties (default: as set, else on)
  --no-development-mode   the same as --development-mode off
  --max-offline DAYS      forget history older than this; who was offline longer must reset (default: as set, else
                          90; 0: never)
  --max-message KB        the largest message a client may send; one whose single change is larger must reset
                          (default: 65536)
  --max-buffered MB       how much may be on its way of what clients send and are sent, all together, each; above it,
                          those with much on its way wait (default: 256)
  --log-level LEVEL       debug, info, warn or error (default: info); the log goes to stderr
  --ready-json            say so in JSON once the server is ready
  --with-parent           stop when the parent process goes away`,
  run,
};

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values } = parsed(() =>
    parseArgs({
      args: [...args],
      options: {
        ...dataOption,
        port: { type: "string" },
        host: { type: "string", default: "127.0.0.1" },
        "public-url": { type: "string" },
        "app-id": { type: "string", default: "perennial" },
        "owner-field": { type: "string" },
        shared: { type: "boolean", default: false },
        "development-mode": { type: "string" },
        "no-development-mode": { type: "boolean", default: false },
        "max-offline": { type: "string" },
        "max-message": { type: "string" },
        "max-buffered": { type: "string" },
        "log-level": { type: "string", default: "info" },
        "ready-json": { type: "boolean", default: false },
        "with-parent": { type: "boolean", default: false },
      },
    }),
  );
  const publicUrl = values["public-url"];
  if (publicUrl !== undefined && !/^https?:\/\/[^/]+$/.test(publicUrl)) {
    throw new UsageError("--public-url must look like https://host or http://host:port.");
  }
  if (!/^[\w-]+$/.test(values["app-id"]))
    throw new UsageError("--app-id may hold letters, digits, - and _ only.");
  const log = createLog((line) => process.stderr.write(line), logLevel(values["log-level"]));
  const started = await startServer(
    {
      dataDir: resolve(values.data),
      host: values.host,
      port: portOf(values.port),
      appId: values["app-id"],
      overrides: { ...overridesOf(values), ...rulesOption(values) },
      ...(publicUrl !== undefined && { publicUrl }),
      ...maxMessageOption(values["max-message"]),
      ...maxBufferedOption(values["max-buffered"]),
    },
    log,
  );
  if (started.kind === "failed") {
    terminal.error(started.message);
    return 1;
  }
  const { server } = started;
  terminal.print(
    values["ready-json"]
      ? JSON.stringify({ kind: "ready", url: server.url, pid: process.pid })
      : `listening on ${server.url}`,
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void server.close());
  if (values["with-parent"]) {
    // A forked process has a channel to its parent; any other one shares standard input with it.
    if (process.channel) {
      process.once("disconnect", () => void server.close());
    } else {
      process.stdin.once("end", () => void server.close());
      process.stdin.once("error", () => void server.close());
      process.stdin.resume();
    }
  }
  // The log may go to the disk that is full.
  process.stderr.on("error", () => {});
  process.on("uncaughtException", (error) => {
    log.error("uncaught exception", errorFields(error));
    process.exit(1);
  });
  await server.closed;
  return 0;
}

function rulesOption(values: { shared: boolean; "owner-field"?: string | undefined }): {
  rules?: RulesDocument;
} {
  const ownerField = values["owner-field"];
  if (values.shared && ownerField !== undefined)
    throw new UsageError("--shared and --owner-field exclude each other.");
  if (values.shared) return { rules: { default: "shared" } };
  if (ownerField === undefined) return {};
  const rules: RulesDocument = { default: { preset: "own", ownerField } };
  if (readRules(rules).kind === "bad") throw new UsageError("--owner-field must be the name of a property.");
  return { rules };
}

function overridesOf(values: {
  "development-mode"?: string | undefined;
  "no-development-mode": boolean;
  "max-offline"?: string | undefined;
}): StartOverrides {
  const mode = values["no-development-mode"] ? "off" : values["development-mode"];
  const days = values["max-offline"];
  return {
    ...(mode !== undefined && { developmentMode: settingOf("development-mode", mode) === "on" }),
    ...(days !== undefined && { maxOfflineDays: Number(settingOf("max-offline", days)) }),
  };
}

function settingOf(name: SettingName, text: string): string {
  const value = readSetting(name, text);
  if (value === undefined) throw new UsageError(`--${name} must be ${expectedOf(name)}.`);
  return value;
}

function maxMessageOption(text: string | undefined): { maxMessageBytes?: number } {
  if (text === undefined) return {};
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new UsageError("--max-message must be a number of kilobytes.");
  return { maxMessageBytes: Number(text) * 1024 };
}

function maxBufferedOption(text: string | undefined): { maxBufferedBytes?: number } {
  if (text === undefined) return {};
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError("--max-buffered must be a number of megabytes.");
  return { maxBufferedBytes: Number(text) * 1024 * 1024 };
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535)
    throw new UsageError("--port must be a number up to 65535.");
  return Number(text);
}

function logLevel(text: string): LogLevel {
  if (text === "debug" || text === "info" || text === "warn" || text === "error") return text;
  throw new UsageError("--log-level must be debug, info, warn or error.");
}
