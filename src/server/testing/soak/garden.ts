/**
 * One server with its clients, all real processes over one random schema: starts them, kills them, and knows what they
 * said was written. What happens when is decided elsewhere.
 */
import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../../operator/command-line";
import { exited, type Program, startProgram } from "../child-process";
import { DrivenProcess } from "../driven-process";
import type { Random } from "../random";
import type { ReplicaDump, SoakCommand, SoakError, Token, Written } from "./commands";
import { CuttingProxy } from "./cutting-proxy";
import { readBackup, type ServerCopy } from "./expected-replica";
import { randomSchema, type SoakSchema } from "./random-schema";

const account = { email: "gardener@example.org", password: "correct horse" };

/** What a client answers to, whatever else it may be busy with. */
const startLimitMs = 60_000;

export type Counts = { operations: number; reconnects: number; kills: number; refusals: number };

export type RecordedToken = Token & { readonly writtenBy: string; isAcknowledged: boolean };

export class Garden {
  readonly directory: string;
  readonly schema: SoakSchema;
  readonly clients: readonly GardenClient[];
  readonly counts: Counts = { operations: 0, reconnects: 0, kills: 0, refusals: 0 };
  readonly tokens: RecordedToken[] = [];
  /** What must never happen: errors other than refused writes, on either side. */
  readonly failures: string[] = [];
  #server: Program | undefined;
  #port = 0;
  #backups = 0;
  #unreadLog = "";

  private constructor(directory: string, random: Random, proxies: readonly CuttingProxy[]) {
    this.directory = directory;
    this.schema = randomSchema(random);
    this.clients = proxies.map((proxy, index) => new GardenClient(this, `client-${index}`, proxy));
  }

  static async plant(directory: string, random: Random): Promise<Garden> {
    mkdirSync(directory, { recursive: true });
    const proxies: CuttingProxy[] = [];
    for (let count = 2 + random.below(3); count > 0; count--)
      proxies.push(await CuttingProxy.start(() => garden.#port));
    const garden = new Garden(directory, random, proxies);
    return garden;
  }

  async start(): Promise<void> {
    await this.startServer();
    await this.#register();
    for (const client of this.clients) await client.start();
  }

  get #dataDir(): string {
    return join(this.directory, "server");
  }

  async startServer(): Promise<void> {
    const args = [
      "start",
      "--data",
      this.#dataDir,
      "--ready-json",
      "--with-parent",
      "--port",
      String(this.#port),
    ];
    const program = startProgram("cli.ts", args, this.directory);
    this.#server = program;
    program.child.stderr?.on("data", (text: string) => this.#readServerLog(text));
    const line = await new Promise<string>((resolve, reject) => {
      program.child.stdout?.setEncoding("utf8").once("data", resolve);
      program.child.once("exit", () => reject(new Error(`the server did not start: ${program.stderr()}`)));
    });
    this.#port = Number(new URL((JSON.parse(line) as { url: string }).url).port);
  }

  async killServer(): Promise<void> {
    this.counts.kills += 1;
    this.#server?.child.kill("SIGKILL");
    if (this.#server) await exited(this.#server.child);
  }

  async stopServer(): Promise<void> {
    this.#server?.child.kill("SIGTERM");
    if (this.#server) await exited(this.#server.child);
  }

  /** The server's own objects, as they are now. */
  async serverCopy(): Promise<ServerCopy> {
    this.#backups += 1;
    const path = join(this.directory, `backup-${this.#backups}.sqlite`);
    const complaints: string[] = [];
    const terminal = { print: () => {}, error: (line: string) => void complaints.push(line) };
    const code = await runCommand(["backup", path, "--data", this.#dataDir, "--json"], terminal);
    if (code !== 0) throw new Error(`backup failed: ${complaints.join("; ")}`);
    return readBackup(path);
  }

  async dispose(): Promise<void> {
    for (const client of this.clients) await client.stop();
    this.#server?.child.kill("SIGKILL");
    if (this.#server) await exited(this.#server.child);
  }

  async #register(): Promise<void> {
    const url = `http://127.0.0.1:${this.#port}/api/client/v2.0/app/perennial/auth/providers/local-userpass/register`;
    const headers = { "content-type": "application/json" };
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(account) });
    if (!response.ok) throw new Error(`registering failed: ${await response.text()}`);
  }

  #readServerLog(text: string): void {
    appendFileSync(join(this.directory, "server.log"), text);
    const lines = `${this.#unreadLog}${text}`.split("\n");
    this.#unreadLog = lines.pop() ?? "";
    for (const line of lines) {
      if (line.includes('"client identified"')) this.counts.reconnects += 1;
      if (line.includes('"writes refused"')) this.counts.refusals += 1;
      if (line.includes('"level":"error"')) this.failures.push(`server: ${line}`);
    }
  }
}

export class GardenClient {
  readonly name: string;
  readonly proxy: CuttingProxy;
  readonly #garden: Garden;
  #process: DrivenProcess<SoakCommand> | undefined;
  edition: 1 | 2 = 1;
  ownerId = "";
  #unacknowledged: RecordedToken[] = [];
  #writes = 0;

  constructor(garden: Garden, name: string, proxy: CuttingProxy) {
    this.#garden = garden;
    this.name = name;
    this.proxy = proxy;
  }

  async start(): Promise<void> {
    const { directory } = this.#garden;
    this.#process = new DrivenProcess("testing/soak/client.ts", join(directory, this.name), (text) =>
      appendFileSync(join(directory, `${this.name}.log`), text),
    );
    await this.open();
  }

  /** Again for one that is running: closes the realm first. */
  async open(): Promise<void> {
    const { schema } = this.#garden;
    const command = { kind: "open", url: this.proxy.url, ...account, schema, edition: this.edition } as const;
    // A log-in over a broken connection fails, and then an app tries again.
    const giveUpAtMs = Date.now() + startLimitMs;
    for (;;) {
      try {
        this.ownerId = await this.#perform<string>(command);
        return;
      } catch (error) {
        if (Date.now() > giveUpAtMs || !this.#process?.isRunning) throw error;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    }
  }

  async write(seed: number, transactions: number): Promise<void> {
    this.#writes += 1;
    const tokens = `${this.name}-${this.#writes}`;
    const written = await this.#perform<Written>({ kind: "write", seed, transactions, tokens });
    this.#garden.counts.operations += written.operations;
    for (const token of written.tokens) {
      const recorded = { ...token, writtenBy: this.name, isAcknowledged: false };
      this.#garden.tokens.push(recorded);
      this.#unacknowledged.push(recorded);
    }
  }

  /** In the middle of a write: what comes of it nobody knows. */
  async killWhileWriting(seed: number, delayMs: number): Promise<void> {
    this.#writes += 1;
    const tokens = `${this.name}-${this.#writes}`;
    this.#perform({ kind: "write", seed, transactions: 20, tokens }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    this.#garden.counts.kills += 1;
    await this.#process?.kill();
  }

  subscribe(seed: number | "everything"): Promise<void> {
    return this.#perform({ kind: "subscribe", seed });
  }

  pause(): Promise<void> {
    return this.#perform({ kind: "pause" });
  }

  resume(): Promise<void> {
    return this.#perform({ kind: "resume" });
  }

  async uploaded(limitMs: number): Promise<boolean> {
    const before = [...this.#unacknowledged];
    const isUploaded = await this.#perform<boolean>({ kind: "uploaded", limitMs });
    if (!isUploaded) return false;
    for (const token of before) token.isAcknowledged = true;
    this.#unacknowledged = this.#unacknowledged.filter(({ isAcknowledged }) => !isAcknowledged);
    return true;
  }

  downloaded(limitMs: number): Promise<boolean> {
    return this.#perform({ kind: "downloaded", limitMs });
  }

  subscribed(limitMs: number): Promise<boolean> {
    return this.#perform({ kind: "subscribed", limitMs });
  }

  dump(): Promise<ReplicaDump> {
    return this.#perform({ kind: "dump" });
  }

  /** Refused writes are part of the game; everything else is a failure. */
  async collectErrors(): Promise<void> {
    for (const { name, code, message } of await this.#perform<SoakError[]>({ kind: "errors" })) {
      if (code !== 231) this.#garden.failures.push(`${this.name}: ${name} ${code}: ${message}`);
    }
  }

  async stop(): Promise<void> {
    await this.#process?.kill();
    await this.proxy.close();
  }

  async #perform<T>(command: SoakCommand): Promise<T> {
    if (!this.#process) throw new Error(`${this.name} is not running`);
    return this.#process.perform<T>(command);
  }
}
