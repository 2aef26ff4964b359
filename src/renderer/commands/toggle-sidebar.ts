// Shows or hides the tree.

import { setView } from "../stores/view-store";
import { always, type Command } from "./command";

export const toggleSidebar: Command = {
  id: "view.sidebar",
  title: ({ view }) => (view.sidebarShown ? "Hide sidebar" : "Show sidebar"),
  keys: [{ chord: "Mod+\\", where: "everywhere" }],
  isEnabled: always,
  run: ({ view }) => setView({ sidebarShown: !view.sidebarShown }),
};
