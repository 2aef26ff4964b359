// Composition root of the Electron main process: one instance, the data folder, the embedded server, the app, the
// window. Everything it joins can be opened without Electron (perennial.ts); this file only joins.

import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { app, dialog, safeStorage } from "electron";
import type { Events } from "../shared/ipc-contract";
import { createAnswers } from "./answers";
import { crashOnceAt } from "./crash-for-tests";
import { unlockDataFolder } from "./data-key";
import { startEmbeddedServer } from "./embedded-server/embedded-server";
import { openFileLog } from "./log";
import { appId, dataPaths } from "./paths";
import { openPerennial, type Perennial } from "./perennial";
import { describeError } from "./realm/realm-errors";
import { discardWords } from "./recovery/discard-hooks";
import { findOtherServer } from "./server-address";
import { readGiven } from "./settings";
import { bindIpc } from "./shell/bind-ipc";
import { createDesktop } from "./shell/desktop";
import { createKeyStore } from "./shell/key-store";
import { runAlone } from "./shell/only-instance";
import { type MainWindow, openMainWindow } from "./shell/window";

app.setName("Perennial");
if (!runAlone(app, run)) {
  console.error("Perennial is open already with this data folder; its window was brought to the front.");
}

/** Realm needs an address even where there is no server; nobody listens on the discard port. */
const unreachableServer = "http://127.0.0.1:9";

async function run(): Promise<void> {
  const dataDir = resolve(app.getPath("userData"), "perennial");
  const givenServer = process.env.PERENNIAL_SERVER;
  const wantsEncryption = process.env.PERENNIAL_ENCRYPT === "1";
  // Before anything is written there, the log included.
  const unlocked = unlockDataFolder(dataDir, wantsEncryption, createKeyStore(safeStorage), {
    hasOwnServer: givenServer === undefined,
  });
  if (unlocked.kind === "locked") {
    dialog.showErrorBox("Perennial cannot open the notes", unlocked.message);
    console.error(unlocked.message);
    return app.exit(1);
  }
  const paths = dataPaths(dataDir);
  const log = openFileLog(paths.log, !app.isPackaged);
  const outDir = resolve(__dirname, "..");
  const { electron = "?", electronStandIn } = process.versions;
  const runtime =
    electronStandIn === undefined ? `Electron ${electron}` : `Stand-in for Electron ${electron}`;
  log("info", "Perennial starts", {
    version: app.getVersion(),
    runtime,
    pid: process.pid,
    run: randomUUID(),
  });

  if (unlocked.warning !== null) log("warn", unlocked.warning);

  const { values } = parseArgs({
    args: process.argv.slice(1),
    options: { "recovery-strategy": { type: "string" }, "reset-way": { type: "string" } },
    // Chromium's and Electron's own options are on the same line.
    strict: false,
  });
  const wordOf = (value: string | boolean | undefined) => (typeof value === "boolean" ? "" : value);
  const read = readGiven(wordOf(values["recovery-strategy"]), wordOf(values["reset-way"]));
  if (read.kind === "unknown") {
    console.error(read.message);
    return app.exit(2);
  }

  // Realm rejects waits with errors, plain objects and strings; one that nobody waits for is a bug, and no reason to die.
  process.on("unhandledRejection", (reason) => {
    log("error", "a rejection that nobody handled", { reason: describeError(reason) });
  });

  let window: MainWindow | null = null;
  let perennial: Perennial | null = null;
  let leaving = false;
  const desktop = createDesktop((command) => window?.send("command", command));

  const embedded =
    givenServer === undefined
      ? await startEmbeddedServer(join(outDir, "node", "server.cjs"), paths.server, appId, log)
      : null;
  if (embedded?.kind === "failed")
    log("error", "the embedded server did not start", { error: embedded.message });

  async function leave(again: boolean): Promise<void> {
    if (leaving) return;
    leaving = true;
    if (window?.isOpen() && !again) await desktop.flushWindow();
    await perennial?.close();
    if (embedded?.kind === "ok") await embedded.server.stop();
    log("info", "Perennial ends", { again });
    window?.close();
    if (again) app.relaunch();
    app.quit();
  }

  const serverUrl = givenServer ?? (embedded?.kind === "ok" ? embedded.server.url : unreachableServer);
  const named = { url: serverUrl, embedded: givenServer === undefined };
  perennial = openPerennial({
    dataDir,
    sealing: unlocked.sealing,
    serverUrl,
    // Where the app's own server is not there, its address is not known.
    otherServer: embedded?.kind === "failed" ? null : findOtherServer(paths, named, log),
    embeddedServer: givenServer === undefined,
    serverProblem: embedded?.kind === "failed" ? embedded.message : null,
    version: app.getVersion(),
    runtime,
    log,
    given: read.given,
    discardHooks: discardWords(log),
    schema: "current",
    relaunch: () => void leave(true),
    now: Date.now,
    onState: (state) => send("app:state", state),
    onNotes: (change) => send("notes:changed", change),
    onText: (id, text) => send("notes:text", { id, text }),
    onResetState: crashOnceAt(app.isPackaged ? undefined : process.env.PERENNIAL_TEST_CRASH_AT, dataDir),
  });

  function send<E extends keyof Events>(event: E, payload: Events[E]): void {
    window?.send(event, payload);
  }

  bindIpc(
    createAnswers(perennial, desktop, dataDir, Date.now),
    (event) => window?.isSender(event) ?? false,
    log,
  );
  window = openMainWindow(outDir);
  window.onClose((event) => {
    if (leaving) return;
    event.preventDefault();
    void leave(false);
  });
  app.on("second-instance", () => window?.focus());
  app.on("window-all-closed", () => void leave(false));
  app.on("before-quit", (event) => {
    if (leaving) return;
    event.preventDefault();
    void leave(false);
  });
  process.on("SIGTERM", () => void leave(false));
  process.on("SIGINT", () => void leave(false));

  await perennial.start();
}
