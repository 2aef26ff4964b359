// Opens the sign-in form over the notes; for whoever writes without an account, the one that makes it.

import { openOverlay } from "../stores/view-store";
import type { Command } from "./command";

export const signIn: Command = {
  id: "account.sign-in",
  title: ({ app }) => (app?.account.kind === "signed-in" ? "Create an account or sign in…" : "Sign in…"),
  keys: [],
  isEnabled: ({ app }) => app !== null && (app.account.kind === "signed-out" || app.account.email === null),
  run: () => openOverlay({ kind: "sign-in" }),
};
