// Puts the focus into the tree.

import { focusTree } from "../stores/navigation";
import { setView } from "../stores/view-store";
import type { Command } from "./command";

export const focusTreeCommand: Command = {
  id: "view.focus-tree",
  title: () => "Go to the tree",
  keys: [{ chord: "Mod+1", where: "everywhere" }],
  isEnabled: ({ tree }) => tree !== null,
  run: () => {
    setView({ sidebarShown: true });
    focusTree();
  },
};
