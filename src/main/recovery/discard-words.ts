// What the app itself does around a discard: it writes into the log how many notes there were before and after. An
// app that wants more of it hands its own hooks to `openPerennial`.

import type { DiscardHooks } from "../../shared/recovery/strategies/discard";
import type { Log } from "../log";

export function discardWords(log: Log): DiscardHooks {
  return {
    before: (had) => log("info", "what was not synced is about to be discarded", { notes: had.size }),
    after: (had, has) =>
      log("info", "what was not synced has been discarded", { before: had.size, after: has.size }),
  };
}
