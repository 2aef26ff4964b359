// Stops and starts talking to the server; writing goes on either way.

import type { AppState } from "../../shared/ipc-contract";
import { request } from "../stores/bridge";
import type { Command } from "./command";

export const workOffline: Command = {
  id: "sync.work-offline",
  title: ({ app }) => (isByChoice(app) ? "Work online again" : "Work offline"),
  keys: [],
  isEnabled: ({ app }) => app?.account.kind === "signed-in" && app.reset.kind !== "recovering",
  run: async ({ app }) => {
    await request("sync:work-offline", { offline: !isByChoice(app) });
  },
};

function isByChoice(app: AppState | null): boolean {
  return app !== null && (app.sync.kind === "paused" || (app.sync.kind === "offline" && app.sync.byChoice));
}
