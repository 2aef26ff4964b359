// A client without a window: the same app, the same IPC channels, spoken to over the process channel. The scenario
// starts several of them. Exit code 75 asks the parent to start it again (the restart of the recovery flow).

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { createAnswers, type Desktop } from "../main/answers";
import { crashOnceAt } from "../main/crash-for-tests";
import { unlockDataFolder } from "../main/data-key";
import { ok } from "../main/handlers";
import { createFileKeyStore } from "../main/key-file";
import { openFileLog } from "../main/log";
import { dataPaths } from "../main/paths";
import { openPerennial } from "../main/perennial";
import type { SimulatedError } from "../main/realm/note-realm";
import { describeError } from "../main/realm/realm-errors";
import { type NoteSchemaName, noteSchemas } from "../main/realm/schema";
import { discardWords } from "../main/recovery/discard-hooks";
import { findOtherServer } from "../main/server-address";
import { readGiven } from "../main/settings";
import { invokeChannels } from "../shared/ipc-contract";
import { type ClientMessage, type ClientRequest, restartExitCode } from "./client-messages";
import { fail } from "./command-arguments";

const options = {
  data: { type: "string" },
  server: { type: "string" },
  "crash-at": { type: "string" },
  "clock-offset-ms": { type: "string", default: "0" },
  "recovery-strategy": { type: "string" },
  "reset-way": { type: "string" },
  schema: { type: "string", default: "current" },
  encrypt: { type: "boolean", default: false },
  "encryption-key-file": { type: "string" },
  "signs-in-by-itself": { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const { values } = (() => {
  try {
    return parseArgs({ options });
  } catch (error) {
    return fail((error as Error).message, 2);
  }
})();

const schema = (Object.keys(noteSchemas) as NoteSchemaName[]).find((name) => name === values.schema);

if (
  values.help ||
  values.data === undefined ||
  values.server === undefined ||
  schema === undefined ||
  process.send === undefined
) {
  console.error(
    "usage: client --data DIR --server URL [--crash-at STATE] [--clock-offset-ms N] [--signs-in-by-itself]\n" +
      "              [--recovery-strategy NAME] [--encrypt] [--encryption-key-file FILE]\n" +
      `              [--reset-way restart|immediate] [--schema ${Object.keys(noteSchemas).join("|")}]\n` +
      "A Perennial without a window. It is started by another program and spoken to over Node's process channel.",
  );
  process.exit(values.help ? 0 : 2);
}

const read = readGiven(values["recovery-strategy"], values["reset-way"]);
if (read.kind === "unknown") {
  console.error(read.message);
  process.exit(2);
}

const dataDir = resolve(values.data);
const clockOffsetMs = Number(values["clock-offset-ms"]);
if (!Number.isFinite(clockOffsetMs)) fail("--clock-offset-ms takes a number", 2);
const now = () => Date.now() + clockOffsetMs;
const keys = createFileKeyStore(values["encryption-key-file"] ?? null, "--encryption-key-file");
const unlocked = unlockDataFolder(dataDir, values.encrypt, keys);
if (unlocked.kind === "locked") {
  console.error(unlocked.message);
  process.exit(1);
}
const log = openFileLog(dataPaths(dataDir).log, false);

if (unlocked.warning !== null) log("warn", unlocked.warning);

function tell(message: ClientMessage): void {
  process.send?.(message);
}

async function end(code: number): Promise<void> {
  await perennial.close();
  process.exit(code);
}

const named = { url: values.server, embedded: values["signs-in-by-itself"] };
const perennial = openPerennial({
  dataDir,
  sealing: unlocked.sealing,
  serverUrl: values.server,
  otherServer: findOtherServer(dataPaths(dataDir), named, log),
  embeddedServer: values["signs-in-by-itself"],
  serverProblem: null,
  version: "headless",
  runtime: `Node ${process.versions.node}`,
  log,
  given: read.given,
  discardHooks: discardWords(log),
  schema,
  // The answer to the call that asked for it goes out first.
  relaunch: () => setTimeout(() => void end(restartExitCode), 50),
  now,
  onState: (state) => tell({ kind: "state", state, resetState: perennial.resetState().kind }),
  onNotes: () => undefined,
  onText: (noteId, text) => tell({ kind: "text", noteId, text }),
  onResetState: crashOnceAt(values["crash-at"], dataDir),
});

process.on("unhandledRejection", (reason) => {
  // In a story this is a finding, so it ends the process and with it the story.
  log("error", "a rejection that nobody handled", { reason: describeError(reason) });
  process.exit(3);
});

const nothing: Desktop = {
  chooseFolder: async () => null,
  chooseFileToSave: async () => null,
  openFolder: async () => undefined,
  copyText: () => undefined,
  setMenu: () => undefined,
  flushWindow: async () => undefined,
  flushed: () => undefined,
};
const answers = createAnswers(perennial, nothing, dataDir, now);

process.on("message", async ({ id, channel, args }: ClientRequest) => {
  if (channel === "close") return end(0);
  if (channel === "simulate-error") {
    perennial.simulateError(args as SimulatedError);
    return tell({ kind: "answer", id, answer: ok(null) });
  }
  const parsed = invokeChannels[channel].args.safeParse(args);
  const answer = parsed.success
    ? await answers[channel](parsed.data as never)
    : { kind: "refused", message: `${channel}: ${parsed.error.message}` };
  tell({ kind: "answer", id, answer });
});
// Without its parent nobody would ever stop it.
process.on("disconnect", () => process.exit(1));

void perennial.start().then(perennial.changed);
