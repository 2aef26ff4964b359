// Starts anew from the server's notes where syncing has stopped and no server asks for it. Asks first.

import { openOverlay } from "../stores/view-store";
import type { Command } from "./command";

export const getFreshCopy: Command = {
  id: "sync.fresh-copy",
  title: () => "Get a fresh copy…",
  keys: [],
  isEnabled: ({ app }) =>
    (app?.reset.kind === "none" || app?.reset.kind === "finished") &&
    app.sync.kind === "problem" &&
    app.sync.stoppedAtMs !== null,
  run: () => openOverlay({ kind: "fresh-copy" }),
};
