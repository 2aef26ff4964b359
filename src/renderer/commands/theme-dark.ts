// Keeps the window dark.

import { setView } from "../stores/view-store";
import type { Command } from "./command";

export const themeDark: Command = {
  id: "view.theme-dark",
  title: () => "Theme: dark",
  keys: [],
  isEnabled: ({ view }) => view.theme !== "dark",
  run: () => setView({ theme: "dark" }),
};
