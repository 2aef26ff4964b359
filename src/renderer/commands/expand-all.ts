// Opens every line of the tree.

import { recoveredPlace } from "../../shared/tree-lines";
import { setView } from "../stores/view-store";
import type { Command } from "./command";

export const expandAll: Command = {
  id: "view.expand-all",
  title: () => "Expand all",
  keys: [],
  isEnabled: ({ tree }) => tree !== null,
  run: ({ tree }) => {
    if (tree !== null) setView({ expanded: new Set<string>([...tree.children.keys(), recoveredPlace]) });
  },
};
