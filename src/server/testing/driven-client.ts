/** The test's side of testing/client.ts: a real Realm client in a process of its own, as an object with methods. */
import { mkdirSync } from "node:fs";
import type { AccountCommand } from "./account-commands";
import { exited, type Program, startProgram } from "./child-process";
import type {
  Answer,
  Command,
  Credentials,
  NoteDump,
  Request,
  SyncErrorReport,
  Values,
  Write,
} from "./client-commands";

export class DrivenClient {
  readonly #program: Program;
  readonly #pending = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  /** @param directory holds the client's files; a second client in the same directory carries on with them */
  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.#program = startProgram("testing/client.ts", [], directory);
    const { child } = this.#program;
    child.on("message", (answer: Answer) => {
      this.#pending.get(answer.id)?.(answer);
      this.#pending.delete(answer.id);
    });
    child.once("exit", (code, signal) => {
      const message = `the client ended (${code ?? signal}): ${this.#program.stderr().slice(-2000)}`;
      for (const [id, settle] of this.#pending) settle({ id, kind: "failed", message });
      this.#pending.clear();
    });
  }

  register(url: string, email: string, password: string): Promise<void> {
    return this.#perform({ kind: "register", url, email, password });
  }

  logIn(url: string, credentials: Credentials): Promise<string> {
    return this.#perform({ kind: "logIn", url, credentials });
  }

  account<T = void>(command: AccountCommand): Promise<T> {
    return this.#perform(command);
  }

  open(options: Omit<Extract<Command, { kind: "open" }>, "kind"> = {}): Promise<string> {
    return this.#perform({ kind: "open", ...options });
  }

  /** Creates or changes an object of a class that was opened beside Note. */
  put(className: string, values: Values): Promise<void> {
    return this.#perform({ kind: "put", className, values });
  }

  remove(className: string, key: string): Promise<void> {
    return this.#perform({ kind: "remove", className, key });
  }

  all(className: string): Promise<Values[]> {
    return this.#perform({ kind: "all", className });
  }

  synchronised(): Promise<void> {
    return this.#perform({ kind: "synchronised" });
  }

  /** Resolves once everything the new query asks for is here. */
  subscribe(query: string): Promise<void> {
    return this.#perform({ kind: "subscribe", query, isAwaited: true });
  }

  /** Only says what is wanted; for a client that is offline. */
  subscribeLater(query: string): Promise<void> {
    return this.#perform({ kind: "subscribe", query, isAwaited: false });
  }

  write(...writes: readonly Write[]): Promise<void> {
    return this.#perform({ kind: "write", writes });
  }

  uploaded(): Promise<void> {
    return this.#perform({ kind: "uploaded" });
  }

  downloaded(): Promise<void> {
    return this.#perform({ kind: "downloaded" });
  }

  pause(): Promise<void> {
    return this.#perform({ kind: "pause" });
  }

  resume(): Promise<void> {
    return this.#perform({ kind: "resume" });
  }

  notes(): Promise<NoteDump[]> {
    return this.#perform({ kind: "notes" });
  }

  count(): Promise<number> {
    return this.#perform({ kind: "count" });
  }

  untilCount(count: number): Promise<void> {
    return this.#perform({ kind: "untilCount", count });
  }

  errors(): Promise<SyncErrorReport[]> {
    return this.#perform({ kind: "errors" });
  }

  untilErrors(count: number): Promise<SyncErrorReport[]> {
    return this.#perform({ kind: "untilErrors", count });
  }

  close(): Promise<void> {
    return this.#perform({ kind: "close" });
  }

  /** Without a chance to do anything about it. */
  async kill(): Promise<void> {
    const { child } = this.#program;
    child.kill("SIGKILL");
    await exited(child);
  }

  async exit(): Promise<void> {
    const { child } = this.#program;
    if (child.connected) child.send({ id: 0, command: { kind: "exit" } } satisfies Request);
    await exited(child);
  }

  async #perform<T>(command: Command): Promise<T> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = await new Promise<Answer>((resolve) => {
      this.#pending.set(id, resolve);
      const { child } = this.#program;
      if (child.connected) child.send({ id, command } satisfies Request);
      else
        resolve({
          id,
          kind: "failed",
          message: `the client is gone: ${this.#program.stderr().slice(-2000)}`,
        });
    });
    if (answer.kind === "failed") throw new Error(`${command.kind}: ${answer.message}`);
    return answer.value as T;
  }
}
