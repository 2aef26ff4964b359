// The state of the whole app as main tells it: account, sync, reset, what can be undone. Nothing is decided here.

import { create } from "zustand";
import type { AppState } from "../../shared/ipc-contract";
import { ask, listen } from "./bridge";
import { showToast } from "./toast-store";

/** Null until main has answered for the first time. */
export const useApp = create<{ readonly app: AppState | null }>(() => ({ app: null }));

export async function followAppState(): Promise<void> {
  listen("app:state", (app) => useApp.setState({ app }));
  const answer = await ask("app:state");
  if (answer.kind === "refused") {
    showToast({ message: answer.message });
    return;
  }
  // An event that overtook the answer is newer than it.
  if (useApp.getState().app === null) useApp.setState({ app: answer.value });
}

/** Notes can be read but not changed: until main has said otherwise, too. */
export function isReadOnly(app: AppState | null): boolean {
  return app === null || app.readOnly || app.reset.kind === "protecting";
}
