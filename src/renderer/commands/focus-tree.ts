// Puts the focus into the tree.

import { setView } from "../stores/view-store";
import type { Command } from "./command";

export const focusTree: Command = {
  id: "view.focus-tree",
  title: () => "Go to the tree",
  keys: [{ chord: "Mod+1", where: "everywhere" }],
  isEnabled: ({ tree }) => tree !== null,
  run: () => {
    setView({ sidebarShown: true });
    // The tree may only now come into the page.
    requestAnimationFrame(() => document.querySelector<HTMLElement>('[role="tree"]')?.focus());
  },
};
