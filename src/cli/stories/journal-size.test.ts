import { statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { NoteId } from "../../shared/note";
import { untilRecovered, untilSynced } from "../scenario/waits";
import { acceptRestart, addNote, openWorld, rewrite, untilTexts } from "./world";

const noteCount = 20;
const rewritings = 1_200;
/** Each is written out: of the text before it little is left. */
const textOf = (round: number) => `# ${round % noteCount}\n${`${round} words `.repeat(90)}\n`;

it("a journal is made smaller while its notes stay open, and a recovery from it loses nothing", async () => {
  const world = await openWorld();
  const client = await world.openClient("laptop");
  const ids: NoteId[] = [];
  for (let number = 0; number < noteCount; number += 1) ids.push(await addNote(client, textOf(number)));
  const { journals } = world.pathsOf(client);
  const [file] = (await readdir(journals)).filter((name) => name.endsWith(".jsonl"));
  const sizeBytes = () => statSync(join(journals, file as string)).size;
  let largestBytes = 0;
  for (let round = noteCount; round < rewritings; round += 1) {
    const [id, base] = [ids[round % noteCount] as NoteId, textOf(round - noteCount)];
    await client.ask("notes:edit", { id, text: textOf(round), base });
    largestBytes = Math.max(largestBytes, sizeBytes());
  }
  await untilSynced(client);
  await expect.poll(sizeBytes, { timeout: 60_000 }).toBeLessThan(largestBytes / 10);
  expect(largestBytes).toBeGreaterThan(1_000_000);

  const compactedBytes = sizeBytes();

  await world.stopServer();
  const last = ids.map((_, number) => textOf(rewritings - noteCount + number));
  const offline = last.slice(0, 3).map((text) => `${text}and offline\n`);
  for (const [number, text] of offline.entries()) await rewrite(client, ids[number] as NoteId, text);
  const fresh = "# Sown offline\n";
  await addNote(client, fresh);
  // What comes goes into the file that was written anew.
  expect(sizeBytes()).toBeGreaterThan(compactedBytes);
  await client.kill();
  await world.startServer();
  await world.terminateAndEnable();
  client.start();
  await acceptRestart(client);
  await untilRecovered(client);
  await untilSynced(client);
  const wanted = [...offline, ...last.slice(3), fresh];
  await untilTexts(client, wanted);
  await untilTexts(await world.openClient("phone"), wanted);
}, 180_000);
