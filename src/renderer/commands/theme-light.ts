// Keeps the window light.

import { setView } from "../stores/view-store";
import type { Command } from "./command";

export const themeLight: Command = {
  id: "view.theme-light",
  title: () => "Theme: light",
  keys: [],
  isEnabled: ({ view }) => view.theme !== "light",
  run: () => setView({ theme: "light" }),
};
