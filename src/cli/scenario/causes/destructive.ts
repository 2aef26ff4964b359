// The operator changes the type of a property by force: sync starts anew with the new schema, and only an app that
// has it can open the notes. What does not fit the new type is in the operator's export.

import { readFile } from "node:fs/promises";
import type { Cause } from "../cause";
import { deployNoteSchema } from "../note-schema";

export const destructive: Cause = {
  title: "the operator changes the type of a property by force",
  expected: { codes: [208], cause: "schema" },
  resetsPhone: true,
  firstSchema: "mood-word",
  lastSchema: "mood-number",
  async strike({ folder, server, say }) {
    const refused = await deployNoteSchema(server, folder, { mood: "int?" }).then(
      () => false,
      () => true,
    );
    if (!refused) throw new Error("the server changed the type of a property without being forced to");
    const { exportedTo, lostValues } = await deployNoteSchema(server, folder, { mood: "int?" }, "--force");
    const lines = exportedTo === null ? [] : (await readFile(exportedTo, "utf8")).trim().split("\n");
    const words = lines.filter((line) => (JSON.parse(line) as { value: unknown }).value === "calm");
    if (lostValues === 0 || words.length !== lostValues)
      throw new Error(`${lostValues} values did not fit, and ${words.length} of them are in ${exportedTo}`);
    say(`the operator changed the type of a property by force; ${lostValues} values are in an export`);
  },
  async beforeRestart(client, { say }) {
    client.update({ schema: "mood-number" });
    say(`${client.name} was updated to an app with the new schema`);
  },
};
