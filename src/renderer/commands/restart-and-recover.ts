// Takes up a recovery that was put off.

import { flushEdits } from "../editor/editing-store";
import { request } from "../stores/bridge";
import type { Command } from "./command";

export const restartAndRecover: Command = {
  id: "recovery.restart",
  title: () => "Restart and recover",
  keys: [],
  isEnabled: ({ app }) => app?.reset.kind === "postponed",
  run: async () => {
    await flushEdits();
    await request("reset:restart");
  },
};
