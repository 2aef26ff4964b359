/**
 * Clients that are killed at any moment of their bootstraps, and start again: each must end with every note. The
 * moments are random; BOOTSTRAP_KILLS=400 makes it thorough (a few minutes).
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Random } from "./testing/random";
import { type Account, ownNotes, TestBed } from "./testing/test-bed";

const kills = Number(process.env.BOOTSTRAP_KILLS ?? 4);
const seed = Number(process.env.BOOTSTRAP_SEED ?? Date.now() % 1_000_000);
const notes = 2000;

const bed = new TestBed();
const random = new Random(seed);
let account: Account;
let usualMs = 0;

beforeAll(async () => {
  await bed.startServer();
  const author = bed.client();
  account = await bed.newAccount(author);
  await bed.open(author, account);
  // Several messages of a megabyte.
  for (const text of ["short", "long"]) {
    await author.write({ kind: "createMany", count: notes / 2, text: text.repeat(500) });
  }
  await author.uploaded();
  await author.exit();
  const startedAtMs = Date.now();
  const client = bed.client();
  await client.logIn(bed.url, { kind: "password", ...account });
  await client.open({ query: ownNotes, isImmediate: true });
  await client.synchronised();
  usualMs = Date.now() - startedAtMs;
  await client.exit();
});

afterAll(() => bed.dispose());

async function killedWithin(directory: string, query: string): Promise<void> {
  const client = bed.client(directory);
  await client.logIn(bed.url, { kind: "password", ...account });
  await client.open({ query, isImmediate: true });
  // The moment is the point of it: there is no condition to wait for.
  await new Promise((resolve) => setTimeout(resolve, random.below(usualMs)));
  await client.kill();
}

async function countAfter(directory: string, query: string): Promise<number> {
  const client = bed.client(directory);
  await client.logIn(bed.url, { kind: "password", ...account });
  await client.open({ query, isImmediate: true });
  await client.synchronised();
  const count = await client.count();
  expect(await client.errors()).toEqual([]);
  await client.exit();
  return count;
}

describe(`a client killed while it is sent thousands of notes (seed ${seed})`, () => {
  it("gets them all when it starts again", { timeout: 60_000 + kills * 30_000 }, async () => {
    for (let i = 0; i < kills; i++) {
      const directory = bed.clientDirectory(1000 + i);
      await killedWithin(directory, ownNotes);
      if (random.chance(0.3)) await killedWithin(directory, ownNotes);
      expect(await countAfter(directory, ownNotes)).toBe(notes);
    }
  });

  it("gets what its newest query asks for, whatever it had", {
    timeout: 60_000 + kills * 45_000,
  }, async () => {
    const short = `${ownNotes} && text BEGINSWITH "short"`;
    const long = `${ownNotes} && text BEGINSWITH "long"`;
    for (let i = 0; i < kills; i++) {
      const directory = bed.clientDirectory(2000 + i);
      expect(await countAfter(directory, short)).toBe(notes / 2);
      await killedWithin(directory, long);
      if (random.chance(0.3)) await killedWithin(directory, ownNotes);
      expect(await countAfter(directory, long)).toBe(notes / 2);
    }
  });
});
