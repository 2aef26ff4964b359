// `npm run bench:bootstrap`: how a client that has nothing is sent very many objects, what that costs the server, and
// what others notice of it meanwhile.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { exited, type Program, startProgramAt } from "../../src/server/testing/child-process";
import { DrivenClient } from "../../src/server/testing/driven-client";
import { logInWithPassword, RawClient } from "../../src/server/testing/raw-client";
import { readDownload } from "../../src/server/testing/read-download";
import { ownNotes } from "../../src/server/testing/test-bed";

const usage = `usage: npm run bench:bootstrap -- [--objects N] [--json] [--keep]

One client writes N notes (about 200 bytes each); then, on a server started anew, a bare client and the Realm SDK are
each sent all of them, while another client of another user pings the server ten times a second.

  --objects N    how many notes (default 100000)
  --json         print one JSON object as the last line
  --keep         leave the folder with everything in it

objects, messages, largestMessageBytes (before compression), sentBytes (after it), seconds (to the last message, bare
client), sdkSeconds (until the SDK's subscription is complete), serverPeakMb (how far the server's resident memory rose
above what it was before), longestPauseMs (how long the other client waited for a pong at most), scaling (seconds per
object, compared with a tenth of the objects).

Exit code 0: measured, and every object arrived. 1: it did not. 2: wrong arguments.`;

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");
const account = { email: "gardener@example.org", password: "correct horse" };
const say = (line: string): void => console.error(`${process.uptime().toFixed(1)} s  ${line}`);

type Measured = {
  readonly objects: number;
  readonly messages: number;
  readonly largestMessageBytes: number;
  readonly sentBytes: number;
  readonly seconds: number;
  readonly sdkSeconds: number;
  readonly serverPeakMb: number;
  readonly longestPauseMs: number;
};

async function measure(objects: number, folder: string): Promise<Measured> {
  const data = join(folder, `data-${objects}`);
  let server = await startServer(data, "0");
  say(`writing ${objects} notes`);
  const author = new DrivenClient(join(folder, `author-${objects}`));
  await author.register(server.url, account.email, account.password);
  await author.logIn(server.url, { kind: "password", ...account });
  await author.open({ query: ownNotes });
  const perTransaction = 1000;
  for (let left = objects; left > 0; left -= perTransaction) {
    const count = Math.min(left, perTransaction);
    await author.write({
      kind: "createMany",
      count,
      text: "A line of a note, as people write them. ".repeat(5),
    });
  }
  while (
    !(await author.uploaded().then(
      () => true,
      () => false,
    ))
  )
    say("still uploading");
  await author.exit();

  // Anew, so that what taking the notes in has cost does not count.
  await stop(server);
  server = await startServer(data, new URL(server.url).port);
  const beforeMb = memoryMb(server.program, "VmRSS");
  resetPeak(server.program);
  const others = new Pinging(
    await connect(server.url, { email: "other@example.org", password: "correct horse" }, true),
  );
  say("a bare client");
  const raw = await bareBootstrap(server.url);
  say("the Realm SDK");
  const client = new DrivenClient(join(folder, `client-${objects}`));
  await client.logIn(server.url, { kind: "password", ...account });
  const startedAtMs = performance.now();
  await client.open({ query: ownNotes, isImmediate: true });
  await client.synchronised();
  const sdkSeconds = (performance.now() - startedAtMs) / 1000;
  const arrived = await client.count();
  await client.exit();
  const longestPauseMs = others.stop();
  const serverPeakMb = memoryMb(server.program, "VmHWM") - beforeMb;
  await stop(server);
  if (arrived !== objects || raw.objects !== objects)
    throw new Error(`of ${objects} notes ${raw.objects} and ${arrived} arrived`);
  return { ...raw, sdkSeconds, serverPeakMb, longestPauseMs };
}

async function bareBootstrap(
  url: string,
): Promise<Omit<Measured, "sdkSeconds" | "serverPeakMb" | "longestPauseMs">> {
  const { client, userId } = await connect(url, account, false);
  const startedAtMs = performance.now();
  client.send("bind 1 0 0 1 0");
  const { head } = await client.next("ident");
  client.send(`ident 1 ${head[2]} ${head[3]} 0 0 0 0 0 2`, "{}");
  await client.next("download");
  const queries = JSON.stringify({ Note: `owner_id == "${userId}"` });
  client.send(`query 1 1 ${queries.length}`, queries);
  let messages = 0;
  let objects = 0;
  let sentBytes = 0;
  let largestMessageBytes = 0;
  for (let isLast = false; !isLast; ) {
    const message = await client.next("download");
    const download = readDownload(message.head, message.body);
    messages += 1;
    sentBytes += download.sentBytes;
    largestMessageBytes = Math.max(largestMessageBytes, download.bodyBytes);
    for (const { instructions } of download.changesets)
      objects += instructions.filter(({ kind }) => kind === "CreateObject").length;
    isLast = download.isLast && download.queryVersion === 1;
  }
  const seconds = (performance.now() - startedAtMs) / 1000;
  client.close();
  return { objects, messages, largestMessageBytes, sentBytes, seconds };
}

async function connect(url: string, who: typeof account, isNew: boolean) {
  const { accessToken, userId } = await logInWithPassword(url, who, isNew);
  const client = await RawClient.connect(url, accessToken);
  if (typeof client === "number") throw new Error(`the server refused a connection: ${client}`);
  return { client, userId };
}

/** Somebody else on the same server, who wants to be answered. */
class Pinging {
  #longestMs = 0;
  #isStopped = false;
  readonly #client: RawClient;

  constructor({ client }: { readonly client: RawClient }) {
    this.#client = client;
    void this.#run();
  }

  stop(): number {
    this.#isStopped = true;
    this.#client.close();
    return this.#longestMs;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const sentAtMs = performance.now();
      this.#client.send("ping 1 0");
      const isAnswered = await this.#client.next("pong").then(
        () => true,
        () => false,
      );
      if (!isAnswered) return;
      this.#longestMs = Math.max(this.#longestMs, performance.now() - sentAtMs);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

type Server = { readonly url: string; readonly program: Program };

async function startServer(data: string, port: string): Promise<Server> {
  const args = [
    "start",
    "--data",
    data,
    "--port",
    port,
    "--ready-json",
    "--with-parent",
    "--log-level",
    "warn",
  ];
  const program = startProgramAt(join(root, "out", "node", "server.cjs"), args, root);
  const line = await new Promise<string>((resolve, reject) => {
    program.child.stdout?.setEncoding("utf8").once("data", resolve);
    program.child.once("exit", () => reject(new Error(`the server did not start: ${program.stderr()}`)));
  });
  return { url: (JSON.parse(line) as { url: string }).url, program };
}

async function stop({ program }: Server): Promise<void> {
  program.child.disconnect();
  await exited(program.child);
}

function memoryMb({ child }: Program, field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  const kilobytes = new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1];
  return Number(kilobytes) / 1024;
}

/** The kernel counts the peak from here on (Linux only). */
function resetPeak({ child }: Program): void {
  writeFileSync(`/proc/${child.pid}/clear_refs`, "5");
}

async function main(): Promise<number> {
  let options: { objects?: string; json?: boolean; keep?: boolean; help?: boolean };
  try {
    options = parseArgs({
      options: {
        objects: { type: "string" },
        json: { type: "boolean" },
        keep: { type: "boolean" },
        help: { type: "boolean" },
      },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const objects = Number(options.objects ?? 100_000);
  if (!Number.isSafeInteger(objects) || objects < 10) {
    console.error(`--objects must be a whole number of at least 10, not ${options.objects}`);
    return 2;
  }
  if (process.platform !== "linux") {
    console.error("The memory of a process is read from /proc: this runs on Linux only.");
    return 1;
  }
  const folder = mkdtempSync(join(tmpdir(), "perennial-bench-bootstrap-"));
  try {
    const small = await measure(Math.round(objects / 10), folder);
    const full = await measure(objects, folder);
    const scaling = full.seconds / full.objects / (small.seconds / small.objects);
    const result = Object.fromEntries(
      Object.entries({ ...full, scaling }).map(([name, value]) => [name, Math.round(value * 100) / 100]),
    );
    for (const [name, value] of Object.entries(result)) say(`${name}: ${value}`);
    if (options.json) console.log(JSON.stringify(result));
    return 0;
  } catch (error) {
    console.error(`The bootstrap could not be measured: ${(error as Error).message}`);
    return 1;
  } finally {
    if (options.keep) say(`left in ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
