/** A server process, a temporary folder and as many real clients as a test wants; all gone when the test ends. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../operator/command-line";
import type { AnyCommand } from "./any-commands";
import { exited, type Program, startProgram } from "./child-process";
import { DrivenClient } from "./driven-client";
import { DrivenProcess } from "./driven-process";

export const ownNotes = "owner_id == $0";

export type Account = { readonly email: string; readonly password: string };

export type CliResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** The test's side of testing/any-client.ts. */
export class AnyClient extends DrivenProcess<AnyCommand> {
  constructor(directory: string) {
    super("testing/any-client.ts", directory);
  }
}

export class TestBed {
  readonly directory = mkdtempSync(join(tmpdir(), "perennial-server-"));
  readonly #clients: DrivenClient[] = [];
  readonly #anyClients: AnyClient[] = [];
  #server: Program | undefined;
  #clientCount = 0;
  #accountCount = 0;
  url = "";

  /** Again after `killServer`: on the same data and the same port. */
  async startServer(...options: readonly string[]): Promise<void> {
    await this.startServerOnItsPort("--port", this.url === "" ? "0" : new URL(this.url).port, ...options);
  }

  async startServerOnItsPort(...options: readonly string[]): Promise<void> {
    const args = ["start", "--data", this.dataDir, "--ready-json", "--with-parent", "--log-level", "debug"];
    const program = startProgram("cli.ts", [...args, ...options], this.directory);
    this.#server = program;
    const line = await new Promise<string>((resolve, reject) => {
      program.child.stdout?.setEncoding("utf8").once("data", resolve);
      program.child.once("exit", () => reject(new Error(`the server did not start: ${program.stderr()}`)));
    });
    this.url = (JSON.parse(line) as { url: string }).url;
  }

  makeDirectory(path: string): void {
    mkdirSync(path, { recursive: true });
  }

  get dataDir(): string {
    return join(this.directory, "data");
  }

  serverPid(): number {
    return this.#server?.child.pid ?? 0;
  }

  serverLog(): string {
    return this.#server?.stderr() ?? "";
  }

  async killServer(): Promise<void> {
    const child = this.#server?.child;
    child?.kill("SIGKILL");
    if (child) await exited(child);
  }

  /** A process that has not logged in yet. */
  client(directory?: string): DrivenClient {
    this.#clientCount += 1;
    const client = new DrivenClient(directory ?? this.clientDirectory(this.#clientCount));
    this.#clients.push(client);
    return client;
  }

  /** A process for any schema, that has not logged in yet. */
  anyClient(directory?: string): AnyClient {
    this.#clientCount += 1;
    const client = new AnyClient(directory ?? this.clientDirectory(this.#clientCount));
    this.#anyClients.push(client);
    return client;
  }

  clientDirectory(number: number): string {
    return join(this.directory, `client-${number}`);
  }

  /** An account no other test uses. */
  async newAccount(client: DrivenClient): Promise<Account> {
    this.#accountCount += 1;
    const account = { email: `gardener-${this.#accountCount}@example.org`, password: "correct horse" };
    await client.register(this.url, account.email, account.password);
    return account;
  }

  /** The client, logged in, with its own notes open and complete. */
  async open(client: DrivenClient, account: Account): Promise<DrivenClient> {
    await client.logIn(this.url, { kind: "password", ...account });
    await client.open({ query: ownNotes });
    return client;
  }

  /** An operator's command, as the program would carry it out. */
  async cli(...args: readonly string[]): Promise<CliResult> {
    const printed: string[] = [];
    const errors: string[] = [];
    const terminal = {
      print: (line: string) => void printed.push(line),
      error: (line: string) => void errors.push(line),
    };
    const code = await runCommand(args, terminal);
    return { code, stdout: printed.join("\n"), stderr: errors.join("\n") };
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.exit()));
    await Promise.all(this.#anyClients.map((client) => client.exit({ kind: "exit" })));
    await this.killServer();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The n-th note of a garden. Gardens keep tests that share a server apart: a key belongs to one user for good. */
export function noteIdIn(garden: number, n: number): string {
  return `00000000-0000-4000-${String(8000 + garden)}-${String(n).padStart(12, "0")}`;
}

/** Asks again until the answer is accepted. The test's own time limit is the only one. */
export async function until<T>(ask: () => Promise<T>, isAccepted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isAccepted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
