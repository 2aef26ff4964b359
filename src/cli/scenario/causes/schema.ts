// The laptop's app is updated to one with a property that the server's schema lacks, and only the operator may change
// that. He deploys it once the laptop has been told; the phone's older app goes on all the while.

import type { Cause } from "../cause";
import { deployNoteSchema } from "../note-schema";

export const schema: Cause = {
  title: "an app has a property that the server's schema lacks, until the operator deploys it",
  expected: { codes: [225], cause: "schema" },
  resetsPhone: false,
  lastSchema: "mood-number",
  async strike({ server, say }) {
    await server.operate("set", "development-mode", "off");
    say("the operator locked the schema");
  },
  async comeBack({ laptop, crashAt, say }) {
    await laptop.close();
    laptop.start({ schema: "mood-number", ...(crashAt !== null && { crashAt }) });
    say("the laptop was updated to an app with another property");
  },
  async beforeRestart(_client, { folder, server, say }) {
    await deployNoteSchema(server, folder, { mood: "int?" });
    say("the operator deployed the property");
  },
};
