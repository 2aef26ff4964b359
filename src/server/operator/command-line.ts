/**
 * The operator's commands. Each asks the running server of the data directory, or works on its files when none is
 * running. The process itself (arguments, exit) belongs to cli.ts.
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { createLog, errorFields, type LogLevel } from "../log";
import { type RulesDocument, readRules } from "../rules/rules";
import { startServer } from "../server";
import type { SqliteStorage } from "../storage/sqlite-storage";
import { type AdminCommand, askServer } from "./admin-api";
import { checkStore, enableSync, type StoreStatus, statusOf, terminateSync } from "./operations";
import {
  type BackupReport,
  backUpStore,
  hasStore,
  type Outcome,
  openStore,
  type RestoreReport,
  restoreStore,
} from "./store-files";

const usage: Readonly<Record<string, string>> = {
  start: `perennial-server start [options]

Starts the sync server and prints where it listens.

  --data DIR              where everything is kept (default: ./perennial-data)
  --port N                0 for any free port (default: the port of the last start, else any free one)
  --host HOST             the address to listen on (default: 127.0.0.1)
  --public-url URL        where clients reach the server, if not at that address
  --app-id ID             the app id clients use (default: perennial)
  --owner-field NAME      the property that says whose an object is (default: owner_id)
  --shared                every user may read and write everything
  --no-development-mode   refuse classes and properties that the schema does not have yet
  --max-offline DAYS      forget history older than this; who was offline longer must reset (default: 90, 0: never)
  --log-level LEVEL       debug, info, warn or error (default: info); the log goes to stderr
  --ready-json            say so in JSON once the server is ready
  --with-parent           stop when the parent process goes away`,
  backup: `perennial-server backup FILE [--data DIR] [--json]

Writes a complete backup, also while clients write. FILE must not exist.`,
  restore: `perennial-server restore FILE [--data DIR] [--json]

Puts a backup in the place of the present store, which is kept beside it. Clients that have seen anything newer
must reset; their backups keep what they hold. Works on a running server.`,
  check: `perennial-server check [--data DIR] [--json]

Reads everything and reports what is damaged.`,
  status: `perennial-server status [--data DIR] [--json]

Shows what the store holds and whether a server is running.`,
  terminate: `perennial-server terminate [--data DIR] [--json]

Switches sync off and forgets all clients and the history; objects and accounts stay. Every client must reset
once sync is enabled again.`,
  enable: `perennial-server enable [--data DIR] [--json]

Switches sync on again after terminate.`,
  stop: `perennial-server stop [--data DIR] [--json]

Stops the running server.`,
};

const overview = `perennial-server <command> [options]

  start      start the server
  backup     write a backup to a file
  restore    put a backup in place of the store
  check      look for damage
  status     show what there is
  terminate  switch sync off; every client must reset
  enable     switch sync on again
  stop       stop the running server

perennial-server <command> --help tells more.`;

const dataOption = { data: { type: "string", default: "perennial-data" } } as const;
const helpOption = { help: { type: "boolean", short: "h", default: false } } as const;

/** Where the answers go, line by line. */
export type Terminal = { readonly print: (line: string) => void; readonly error: (line: string) => void };

class UsageError extends Error {}

/** Answers the exit code: 0 done, 1 failed, 2 not understood. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await run(args, terminal);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    terminal.error(error.message);
    return 2;
  }
}

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const [command, ...rest] = args;
  if (command === undefined || command === "--help" || command === "-h" || command === "help") {
    terminal.print(overview);
    return command === undefined ? 2 : 0;
  }
  const help = Object.hasOwn(usage, command) ? usage[command] : undefined;
  if (help === undefined) throw new UsageError(`There is no command "${command}".\n\n${overview}`);
  if (rest.includes("--help") || rest.includes("-h")) {
    terminal.print(help);
    return 0;
  }
  return command === "start" ? start(rest, terminal) : operate(command as AdminCommand, rest, terminal);
}

async function start(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values } = understood(() =>
    parseArgs({
      args: [...args],
      options: {
        ...dataOption,
        ...helpOption,
        port: { type: "string" },
        host: { type: "string", default: "127.0.0.1" },
        "public-url": { type: "string" },
        "app-id": { type: "string", default: "perennial" },
        "owner-field": { type: "string" },
        shared: { type: "boolean", default: false },
        "no-development-mode": { type: "boolean", default: false },
        "max-offline": { type: "string", default: "90" },
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
      developmentMode: !values["no-development-mode"],
      maxOfflineMs: maxOfflineMs(values["max-offline"]),
      ...(publicUrl !== undefined && { publicUrl }),
      ...rulesOption(values),
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

async function operate(command: AdminCommand, args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = understood(() =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...dataOption, ...helpOption, json: { type: "boolean", default: false } },
    }),
  );
  const needsFile = command === "backup" || command === "restore";
  if (positionals.length !== (needsFile ? 1 : 0)) {
    throw new UsageError(needsFile ? `${command} needs one FILE.` : `${command} takes no arguments.`);
  }
  const dataDir = resolve(values.data);
  const path = needsFile ? resolve(positionals[0] ?? "") : "";
  const asked = await askServer(dataDir, command, path);
  const answer = asked.kind === "notRunning" ? withoutServer(command, dataDir, path) : asked;
  if (answer.kind === "failed") {
    terminal.error(answer.message);
    return 1;
  }
  return report(command, answer.body, values.json, terminal);
}

type Answer =
  | { readonly kind: "ok"; readonly body: unknown }
  | { readonly kind: "failed"; readonly message: string };

function withoutServer(command: AdminCommand, dataDir: string, path: string): Answer {
  switch (command) {
    case "restore":
      return { kind: "ok", body: restoreStore(dataDir, path, Date.now(), () => {}) };
    case "backup":
      return onStore(dataDir, (storage) => backUpStore(storage, path, Date.now()));
    case "check":
      return onStore(dataDir, (storage) => ({ problems: checkStore(storage) }));
    case "status":
      return onStore(dataDir, (storage) => statusOf(storage));
    case "terminate":
      return onStore(dataDir, (storage) => terminateSync(storage, Date.now()));
    case "enable":
      return onStore(dataDir, (storage) => enableSync(storage));
    case "stop":
      return { kind: "failed", message: "No server is running here." };
  }
}

function onStore(dataDir: string, work: (storage: SqliteStorage) => unknown): Answer {
  if (!hasStore(dataDir)) return { kind: "failed", message: `There is no server data in ${dataDir}.` };
  const opened = openStore(dataDir);
  if (opened.kind !== "ok") return { kind: "failed", message: opened.message };
  try {
    return { kind: "ok", body: work(opened.storage) ?? {} };
  } finally {
    opened.storage.close();
  }
}

function report(command: AdminCommand, body: unknown, asJson: boolean, terminal: Terminal): number {
  const code = exitCodeOf(command, body);
  if (asJson) {
    terminal.print(JSON.stringify(body));
    return code;
  }
  switch (command) {
    case "backup": {
      const outcome = body as Outcome<BackupReport>;
      if (outcome.kind === "failed") terminal.error(outcome.message);
      else
        terminal.print(
          `Backed up ${outcome.value.objects} objects (version ${outcome.value.version}) to ${outcome.value.path}`,
        );
      break;
    }
    case "restore": {
      const outcome = body as Outcome<RestoreReport>;
      if (outcome.kind === "failed") terminal.error(outcome.message);
      else {
        const { objects, version, backupTakenAt, replacedStore } = outcome.value;
        terminal.print(`Restored ${objects} objects (version ${version}) from a backup of ${backupTakenAt}`);
        if (replacedStore !== undefined) terminal.print(`The former store is kept as ${replacedStore}`);
      }
      break;
    }
    case "check": {
      const { problems } = body as { problems: string[] };
      for (const problem of problems) terminal.error(problem);
      if (problems.length === 0) terminal.print("No damage found");
      break;
    }
    case "status": {
      const status = body as StoreStatus & { url?: string; pid?: number; sessions?: number };
      terminal.print(
        status.url === undefined ? "not running" : `running at ${status.url} (process ${status.pid})`,
      );
      terminal.print(
        `${status.objects} objects of ${status.classes.length} classes, version ${status.version}`,
      );
      terminal.print(`${status.clientFiles} client files, ${status.sessions ?? 0} connected`);
      terminal.print(`sync is ${status.isSyncEnabled ? "on" : "off"}`);
      if (status.incident !== undefined) terminal.print(status.incident);
      break;
    }
    default:
      terminal.print("done");
  }
  return code;
}

function exitCodeOf(command: AdminCommand, body: unknown): number {
  if (command === "check") return (body as { problems: string[] }).problems.length > 0 ? 1 : 0;
  return (body as { kind?: unknown }).kind === "failed" ? 1 : 0;
}

/** `parse` is a call of parseArgs, whose complaints are about how the command was written. */
function understood<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535)
    throw new UsageError("--port must be a number up to 65535.");
  return Number(text);
}

function maxOfflineMs(days: string): number | undefined {
  if (!/^\d{1,5}(\.\d{1,6})?$/.test(days)) throw new UsageError("--max-offline must be a number of days.");
  return Number(days) === 0 ? undefined : Number(days) * 24 * 60 * 60_000;
}

function logLevel(text: string): LogLevel {
  if (text === "debug" || text === "info" || text === "warn" || text === "error") return text;
  throw new UsageError("--log-level must be debug, info, warn or error.");
}
