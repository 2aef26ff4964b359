// The operator's side of a changed class Note: takes the server's schema, changes properties, deploys it again.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServerProcess } from "./server-process";

type SchemaFile = { classes: Record<string, { properties: Record<string, string> }> };

/** Answers what the server said; throws with it when the server refuses. */
export async function deployNoteSchema(
  server: ServerProcess,
  folder: string,
  properties: Readonly<Record<string, string>>,
  ...options: string[]
): Promise<{ readonly exportedTo: string | null; readonly lostValues: number }> {
  const schema = JSON.parse(await server.operate("schema", "show", "--json")) as SchemaFile;
  const { Note } = schema.classes;
  if (Note === undefined) throw new Error("the server has no class Note");
  Object.assign(Note.properties, properties);
  const file = join(folder, "schema.json");
  await writeFile(file, JSON.stringify(schema));
  const answer = await server.operate("schema", "deploy", file, "--json", ...options);
  return (JSON.parse(answer) as { value: { exportedTo: string | null; lostValues: number } }).value;
}
