/** Command line of the durability campaign. Exit status 0 only when nothing acknowledged was lost and nothing damaged. */
import { fork } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { runCampaign } from "./campaign";

const usage = `usage: npm run durability -- [--kills N] [--seed S] [--json]

Kills a real sync server with SIGKILL at random moments while devices write, and compares what was acknowledged with
what its files hold after each kill.

  --kills N     how often (default 200); every eighth hits the server while it starts
  --seed S      seed of all chance (default 1); the moments themselves depend on the machine
  --accounts N  accounts, each with three devices that write at the same time (default 2)
  --json        print one JSON object as the last line; progress goes to stderr

Exit code 0: nothing lost, nothing damaged. 1: something was. 2: wrong arguments.`;

const devicesPerAccount = 3;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      kills: { type: "string", default: "200" },
      seed: { type: "string", default: "1" },
      accounts: { type: "string", default: "2" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const program = resolve("out/node/server.cjs");
  if (!existsSync(program)) {
    console.error(`${program} is missing: run 'npm run setup' first`);
    return 1;
  }
  const report = await runCampaign({
    kills: wholeNumber("--kills", values.kills),
    seed: wholeNumber("--seed", values.seed),
    accounts: wholeNumber("--accounts", values.accounts),
    devicesPerAccount,
    launch: (args, cwd) => fork(program, args, { cwd, stdio: ["ignore", "pipe", "inherit", "ipc"] }),
    say: (line) => console.error(line),
  });
  for (const problem of report.problems) console.error(problem);
  const { lost, corrupted, problems } = report;
  const isGood = lost + corrupted + problems.length === 0;
  if (values.json) console.log(JSON.stringify(report));
  else console.log(isGood ? "Nothing acknowledged was lost." : "Something is wrong:", report);
  return isGood ? 0 : 1;
}

class UsageError extends Error {}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new UsageError(`${name} takes a whole number from 1 on`);
  return value;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const isUsage =
      error instanceof UsageError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS");
    console.error(isUsage ? `${(error as Error).message}\n\n${usage}` : error);
    process.exitCode = isUsage ? 2 : 1;
  },
);
