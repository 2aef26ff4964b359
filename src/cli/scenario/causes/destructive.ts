// The operator changes the type of a property by force: sync starts anew with the new schema, and only an app that
// has it can open the notes. What does not fit the new type is in the operator's export.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cause, Stage } from "../cause";
import type { HeadlessClient } from "../headless-client";
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
  verify: verifyKept,
};

/** The words that have no place in the new schema are, note by note, in the report and in both exports of the copy. */
async function verifyKept(client: HeadlessClient, { folder, say }: Stage): Promise<void> {
  const summaries = await client.ask("reports:list", undefined);
  const [first] = summaries.toReversed();
  if (first === undefined) throw new Error(`${client.name} has no report`);
  const report = await client.ask("reports:read", { resetId: first.resetId });
  const json = join(folder, `${client.name} copy.json`);
  await client.ask("backups:export", { name: report.backupName, format: "json", to: json });
  const { objects } = JSON.parse(await readFile(json, "utf8")) as {
    objects: { class: string; fields: { _id: string; mood?: unknown } }[];
  };
  const copied = objects.flatMap(({ fields }) => (fields.mood === "calm" ? [fields._id] : []));

  const markdown = join(folder, `${client.name} copy`);
  await client.ask("backups:export", { name: report.backupName, format: "markdown", to: markdown });
  const exported = JSON.parse(await readFile(join(markdown, "Fields without a place.json"), "utf8")) as {
    notes: { id: string; fields: { mood?: unknown } }[];
  };
  const lists = {
    "the report": (report.leftovers?.values ?? [])
      .filter(({ field, value }) => field === "mood" && value === "calm")
      .map(({ noteId }) => noteId as string),
    "the Markdown export": exported.notes.flatMap(({ id, fields }) => (fields.mood === "calm" ? [id] : [])),
  };
  if (copied.length === 0) throw new Error(`the JSON export of ${client.name} has none of the words`);
  for (const [where, ids] of Object.entries(lists)) {
    if (ids.toSorted().join() !== copied.toSorted().join())
      throw new Error(
        `${client.name}: ${copied.length} words have no place any more, ${ids.length} are in ${where}`,
      );
  }
  say(
    `${client.name}: ${copied.length} words that have no place any more are in its report and in both exports`,
  );
}
