// Lists the safety copies of this computer.

import { showPage } from "../stores/view-store";
import { always, type Command } from "./command";

export const safetyCopies: Command = {
  id: "help.safety-copies",
  title: () => "Safety copies",
  keys: [],
  isEnabled: always,
  run: () => showPage({ kind: "copies" }),
};
