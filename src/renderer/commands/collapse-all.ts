// Closes every line of the tree.

import { setView } from "../stores/view-store";
import type { Command } from "./command";

export const collapseAll: Command = {
  id: "view.collapse-all",
  title: () => "Collapse all",
  keys: [],
  isEnabled: ({ tree }) => tree !== null,
  run: () => setView({ expanded: new Set() }),
};
