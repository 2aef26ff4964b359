/** `npm run soak`: real clients against a real server until the time is over. Exit code 0 only when all agree. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { soak } from "./soak";

const usage = `usage: npm run soak -- [--minutes N] [--seed S] [--json] [--keep]

Lets two to four real Realm clients and the sync server, each a process of its own, write at random over a random
schema, go offline, lose connections, change their queries, be killed and restarted. Again and again everything comes
to rest; then every replica must hold what the server holds of its view, and every change that was acknowledged must
be there.

  --minutes N  how long (default 5; the round that is under way then is finished)
  --seed S     where all chance starts (default: from the clock). What is done repeats with it; when, does not
  --json       print one JSON object as the last line, and nothing else on stdout
  --keep       keep the folder with logs, stores and replicas; after a failure it is kept anyway

Exit code 0: no replica diverged, nothing acknowledged was lost, no client was reset or stalled. 1: something was.
2: wrong arguments.`;

function refuse(message: string): never {
  console.error(`${message}\n\n${usage}`);
  process.exit(2);
}

function numberOf(name: string, text: string, pattern: RegExp): number {
  return pattern.test(text) ? Number(text) : refuse(`--${name} cannot be '${text}'`);
}

function understood() {
  try {
    return parseArgs({
      options: {
        minutes: { type: "string", default: "5" },
        seed: { type: "string", default: String(Date.now() % 2 ** 31) },
        json: { type: "boolean", default: false },
        keep: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

async function main(): Promise<number> {
  const values = understood();
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const minutes = numberOf("minutes", values.minutes, /^\d{1,5}(\.\d+)?$/);
  const seed = numberOf("seed", values.seed, /^\d{1,10}$/);
  const directory = mkdtempSync(join(tmpdir(), "perennial-soak-"));
  console.error(`seed ${seed}, in ${directory}`);
  const report = await soak({ directory, minutes, seed, onProgress: (line) => console.error(line) });
  const isGood = report.diverged + report.lostAcknowledged + report.failures === 0;
  if (isGood && !values.keep) rmSync(directory, { recursive: true, force: true });
  else console.error(`seed ${seed}: logs, stores and replicas are in ${directory}`);
  if (values.json) console.log(JSON.stringify(report));
  else
    console.log(
      Object.entries(report)
        .map(([name, value]) => `${name}: ${value}`)
        .join("\n"),
    );
  return isGood ? 0 : 1;
}

process.exitCode = await main();
