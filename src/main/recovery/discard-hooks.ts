// The hooks around a discard: how they are called, and what the app itself does there, which is to write into the log
// how many notes there were before and after. An app that wants more of it hands its own to `openPerennial`.

import type { DiscardHooks } from "../../shared/recovery/strategies/discard";
import type { Log } from "../log";
import { describeError } from "../realm/realm-errors";

export function discardWords(log: Log): DiscardHooks {
  return {
    before: (had) => log("info", "what was not synced is about to be discarded", { notes: had.size }),
    after: (had, has) =>
      log("info", "what was not synced has been discarded", { before: had.size, after: has.size }),
  };
}

/** What a hook throws must not stand in the way of the notes. */
export async function callHook(name: string, hook: () => void | Promise<void>, log: Log): Promise<void> {
  try {
    await hook();
  } catch (error) {
    log("error", `the hook '${name}' of a discard failed`, { error: describeError(error) });
  }
}
