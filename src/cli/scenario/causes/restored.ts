// The operator restores an older backup: what both clients had uploaded since is gone from the server.

import { join } from "node:path";
import type { Cause } from "../cause";

export const restored: Cause = {
  title: "the operator restores an older backup",
  expected: { codes: [209, 211], cause: "restored" },
  resetsPhone: true,
  async prepare({ folder, server, say }) {
    await server.operate("backup", join(folder, "older-backup"));
    say("the operator made a backup");
  },
  async strike({ folder, server, say }) {
    await server.operate("restore", join(folder, "older-backup"));
    say("the operator restored the older backup");
  },
};
