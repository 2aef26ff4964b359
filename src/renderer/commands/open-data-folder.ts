// Shows the folder that holds the notes, the safety copies and the reports.

import { request } from "../stores/bridge";
import { always, type Command } from "./command";

export const openDataFolder: Command = {
  id: "file.data-folder",
  title: () => "Open data folder",
  keys: [],
  isEnabled: always,
  run: async () => {
    await request("app:open-data-folder");
  },
};
