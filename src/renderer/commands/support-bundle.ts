// Saves what a supporter needs to see, without a word of any note.

import { request } from "../stores/bridge";
import { showToast } from "../stores/toast-store";
import { always, type Command } from "./command";

export const supportBundle: Command = {
  id: "help.support-bundle",
  title: () => "Save support bundle…",
  keys: [],
  isEnabled: always,
  run: async () => {
    const answer = await request("app:support-bundle", { to: null });
    if (answer.kind === "ok" && answer.value !== null) {
      showToast({ message: `Support bundle saved as ${answer.value}. It holds no text of any note.` });
    }
  },
};
