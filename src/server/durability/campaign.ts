/**
 * Kills a server with SIGKILL again and again while devices write, and looks after each kill at what its files hold.
 * Accounts are made meanwhile as well: what was answered with "created" must be there too.
 */
import type { ChildProcess } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkStore } from "../check/check-store";
import { openStore } from "../operator/store-files";
import type { Storage } from "../storage/storage";
import { exited } from "../testing/child-process";
import { Random } from "../testing/random";
import { logInRaw } from "../testing/raw-client";
import { type Verified, verifyStore } from "./verify";
import { Writer } from "./writer";

export type CampaignOptions = {
  readonly kills: number;
  readonly seed: number;
  readonly accounts: number;
  readonly devicesPerAccount: number;
  /** Starts the server program with these arguments, with a pipe for its standard output. */
  readonly launch: (args: readonly string[], cwd: string) => ChildProcess;
  readonly say: (line: string) => void;
};

export type CampaignReport = {
  readonly kills: number;
  /** How many of them hit the server before it was ready. */
  readonly killsAtStart: number;
  readonly writers: number;
  readonly acknowledged: number;
  readonly present: number;
  readonly accountsAcknowledged: number;
  readonly lost: number;
  readonly corrupted: number;
  readonly seed: number;
  readonly seconds: number;
  readonly problems: readonly string[];
};

const root = "/api/client/v2.0/app/perennial/auth/providers/local-userpass/register";

/** The longest time under load before a kill. Uploads take a millisecond or so each. */
const longestLoadMs = 500;
const killAtStartEvery = 8;
/** Looking at everything takes long, once there is much. */
const checkEvery = 10;

export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const directory = mkdtempSync(join(tmpdir(), "perennial-durability-"));
  try {
    return await new Campaign(options, directory).run();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

class Campaign {
  readonly #options: CampaignOptions;
  readonly #directory: string;
  readonly #random: Random;
  readonly #problems: string[] = [];
  readonly #emails: string[] = [];
  #writers: Writer[] = [];
  #lost = 0;
  #corrupted = 0;
  #killsAtStart = 0;

  constructor(options: CampaignOptions, directory: string) {
    this.#options = options;
    this.#directory = directory;
    this.#random = new Random(options.seed);
  }

  async run(): Promise<CampaignReport> {
    const { kills, seed, say } = this.#options;
    const startedAtMs = performance.now();
    let server = this.#launch();
    this.#writers = await this.#join(await server.ready);
    for (let kill = 1; kill <= kills; kill++) {
      if (kill % killAtStartEvery === 0) {
        this.#killsAtStart += 1;
        await pause(this.#random.below(longestLoadMs));
        await this.#kill(server);
      } else {
        await this.#killUnderLoad(server);
      }
      const { present } = this.#look(kill % checkEvery === 0);
      if (kill % checkEvery === 0) say(`${kill} kills, ${present} changes present, ${this.#lost} lost`);
      server = this.#launch();
    }
    const url = await server.ready;
    for (const writer of this.#writers) await writer.finish(url);
    await this.#kill(server);
    const { present } = this.#look(true);
    for (const { refusals } of this.#writers) this.#problems.push(...refusals);
    return {
      kills,
      killsAtStart: this.#killsAtStart,
      writers: this.#writers.length,
      acknowledged: this.#writers.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
      present,
      accountsAcknowledged: this.#emails.length,
      lost: this.#lost,
      corrupted: this.#corrupted,
      seed,
      seconds: Math.round((performance.now() - startedAtMs) / 1000),
      problems: this.#problems.slice(0, 20),
    };
  }

  /** On a port of its own each time: the last one may have been taken meanwhile. */
  #launch(): Launched {
    const dataDir = join(this.#directory, "data");
    const options = ["--port", "0", "--ready-json", "--with-parent", "--log-level", "error"];
    const child = this.#options.launch(["start", "--data", dataDir, ...options], this.#directory);
    const ready = readyUrl(child);
    // Whoever waits for it hears of it; nobody does when it is killed before.
    ready.catch(() => {});
    return { child, ready };
  }

  async #kill({ child }: Launched): Promise<void> {
    if (child.exitCode !== null) throw new Error("the server ended by itself");
    child.kill("SIGKILL");
    await exited(child);
    for (const writer of this.#writers) writer.disconnect();
  }

  async #join(url: string): Promise<Writer[]> {
    const { accounts, devicesPerAccount } = this.#options;
    const writers: Writer[] = [];
    for (let a = 1; a <= accounts; a++) {
      const account = await logInRaw(url);
      for (let d = 1; d <= devicesPerAccount; d++) {
        const random = new Random(this.#options.seed * 1000 + writers.length);
        const writer = new Writer(`writer ${writers.length + 1}`, account, `account ${a}`, random);
        await writer.join(url);
        writers.push(writer);
      }
    }
    return writers;
  }

  /** At a random moment; the writers are then in the middle of something. */
  async #killUnderLoad(server: Launched): Promise<void> {
    const url = await server.ready;
    // Hashing a password takes longer than most servers live here; so some wait for it, and some are killed in it.
    const registered = this.#register(url);
    if (this.#random.chance(0.5)) await registered;
    const work = [...this.#writers.map((writer) => writer.write(url)), registered];
    await pause(this.#random.below(longestLoadMs));
    await this.#kill(server);
    await Promise.all(work);
  }

  async #register(url: string): Promise<void> {
    const email = `gardener-${this.#random.below(2 ** 31)}@example.org`;
    const body = JSON.stringify({ email, password: "correct horse" });
    try {
      const response = await fetch(`${url}${root}`, { method: "POST", body });
      if (response.status === 201) this.#emails.push(email);
    } catch {
      // Killed before it could answer.
    }
  }

  /** At a copy: the files themselves are left as the killed process left them, for the next start to recover. */
  #look(isThorough: boolean): Verified {
    const copy = join(this.#directory, "copy");
    rmSync(copy, { recursive: true, force: true });
    mkdirSync(copy);
    const data = join(this.#directory, "data");
    for (const name of readdirSync(data)) {
      if (name.startsWith("store.sqlite")) copyFileSync(join(data, name), join(copy, name));
    }
    const opened = openStore(copy);
    if (opened.kind !== "ok") throw new Error(`the store cannot be opened after a kill: ${opened.message}`);
    const { storage } = opened;
    try {
      const verified = verifyStore(storage, this.#writers);
      const damage = isThorough ? checkStore(storage) : [];
      this.#lost += verified.lost + this.#lostAccounts(storage);
      this.#corrupted += verified.corrupted + damage.length;
      this.#problems.push(...verified.problems, ...damage.map(({ where, what }) => `${where}: ${what}`));
      return verified;
    } finally {
      storage.close();
    }
  }

  #lostAccounts({ accounts }: Storage): number {
    const missing = this.#emails.filter((email) => !accounts.identity("local-userpass", email));
    for (const email of missing) this.#problems.push(`the account ${email} is missing`);
    return missing.length;
  }
}

type Launched = { readonly child: ChildProcess; readonly ready: Promise<string> };

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.once("exit", () => reject(new Error("the server ended before it was ready")));
    child.stdout?.setEncoding("utf8").on("data", (data: string) => {
      text += data;
      if (text.includes("\n")) resolve((JSON.parse(text) as { url: string }).url);
    });
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
