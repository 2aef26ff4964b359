// Lists what every recovery on this computer did.

import { showPage } from "../stores/view-store";
import { always, type Command } from "./command";

export const recoveryReports: Command = {
  id: "help.reports",
  title: () => "Recovery reports",
  keys: [],
  isEnabled: always,
  run: () => showPage({ kind: "reports" }),
};
