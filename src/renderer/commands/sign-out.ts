// Asks before it signs out.

import { openOverlay } from "../stores/view-store";
import type { Command } from "./command";

export const signOut: Command = {
  id: "account.sign-out",
  title: () => "Sign out…",
  keys: [],
  isEnabled: ({ app }) => app?.account.kind === "signed-in",
  run: () => openOverlay({ kind: "sign-out" }),
};
