/**
 * Devices that send nonsense, many of them, and one honest device beside them that must not notice. A run that fails
 * names its seed; FUZZ_RUNS and FUZZ_SEED make more of them, or one again.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkStore } from "./check/check-store";
import { verifyStore } from "./durability/verify";
import { Writer } from "./durability/writer";
import { openStore } from "./operator/store-files";
import { misbehave } from "./testing/hostile-client";
import { Random } from "./testing/random";
import { logInRaw, RawClient } from "./testing/raw-client";
import { TestBed } from "./testing/test-bed";

const runs = Number(process.env.FUZZ_RUNS ?? 150);
const timeLimitMs = Math.max(180_000, runs * 2000);
const firstSeed = Number(process.env.FUZZ_SEED ?? 1);

/** The largest upload inflates to 128 MB, and nothing of it may stay. */
const memoryLimitBytes = 600 * 1024 * 1024;

const bed = new TestBed();

beforeAll(() => bed.startServer());

afterAll(() => bed.dispose());

function residentBytes(): number {
  const status = readFileSync(`/proc/${bed.serverPid()}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Answers when it has either been cut off, or been answered: a server that is stuck does neither. */
async function isStillServed(client: RawClient): Promise<void> {
  if (client.isClosed) return;
  client.send("ping 77 0");
  try {
    for (let answer = ""; answer !== "77"; ) answer = (await client.next("pong")).head[1] ?? "";
  } catch {
    // Cut off.
  }
}

it(
  `${runs} devices that send nonsense cost nobody but themselves`,
  async () => {
    const account = await logInRaw(bed.url);
    const honest = new Writer("honest", account, "honest account", new Random(firstSeed));
    await honest.join(bed.url);
    const writing = honest.write(bed.url);
    const hostileAccounts = [account, await logInRaw(bed.url), await logInRaw(bed.url)];
    let largestBytes = 0;
    for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
      const random = new Random(seed);
      const { accessToken } = random.pick(hostileAccounts) ?? account;
      const before = honest.acknowledged;
      const client = await RawClient.connect(bed.url, accessToken);
      if (typeof client === "number") throw new Error(`seed ${seed}: refused with status ${client}`);
      try {
        await misbehave(client, random);
      } catch {
        // Cut off in the middle of it.
      }
      // A frame that was announced and never comes is waited for, and no reason to answer.
      if (random.chance(0.8)) await Promise.race([isStillServed(client), honestGoesOn(honest, before)]);
      client.close();
      largestBytes = Math.max(largestBytes, residentBytes());
      const internal = bed
        .serverLog()
        .match(
          /^.*"msg":"(session failed|uncaught exception|upgrade failed)".*$|^.*"error","time":[^,]*,"msg":"connection failed".*$/m,
        );
      expect({ seed, internal: internal?.[0] }).toEqual({ seed, internal: undefined });
      expect({ seed, refusals: honest.refusals }).toEqual({ seed, refusals: [] });
    }
    const acknowledged = honest.acknowledged;
    await honestGoesOn(honest, acknowledged);
    expect(largestBytes).toBeLessThan(memoryLimitBytes);

    await bed.killServer();
    await writing;
    const opened = openStore(bed.dataDir);
    if (opened.kind !== "ok") throw new Error(opened.message);
    const { lost, corrupted } = verifyStore(opened.storage, [honest]);
    expect({ lost, corrupted, problems: checkStore(opened.storage) }).toEqual({
      lost: 0,
      corrupted: 0,
      problems: [],
    });
    opened.storage.close();
  },
  timeLimitMs,
);

/** Resolves once the honest device was acknowledged something new. */
async function honestGoesOn(honest: Writer, than: number): Promise<void> {
  while (honest.acknowledged <= than) await new Promise((resolve) => setImmediate(resolve));
}
