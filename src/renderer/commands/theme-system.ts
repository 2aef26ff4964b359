// Lets the window follow the light or dark look of the system.

import { setView } from "../stores/view-store";
import type { Command } from "./command";

export const themeSystem: Command = {
  id: "view.theme-system",
  title: () => "Theme: as the system",
  keys: [],
  isEnabled: ({ view }) => view.theme !== "system",
  run: () => setView({ theme: "system" }),
};
