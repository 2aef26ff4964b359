/** The test's side of testing/client.ts: a real Realm client in a process of its own, as an object with methods. */
import type { AccountCommand } from "./account-commands";
import type { Command, Credentials, NoteDump, SyncErrorReport, Values, Write } from "./client-commands";
import { DrivenProcess } from "./driven-process";

export class DrivenClient {
  readonly #process: DrivenProcess<Command>;

  /** @param directory holds the client's files; a second client in the same directory carries on with them */
  constructor(directory: string) {
    this.#process = new DrivenProcess("testing/client.ts", directory);
  }

  register(url: string, email: string, password: string): Promise<void> {
    return this.#process.perform({ kind: "register", url, email, password });
  }

  logIn(url: string, credentials: Credentials): Promise<string> {
    return this.#process.perform({ kind: "logIn", url, credentials });
  }

  account<T = void>(command: AccountCommand): Promise<T> {
    return this.#process.perform(command);
  }

  open(options: Omit<Extract<Command, { kind: "open" }>, "kind"> = {}): Promise<string> {
    return this.#process.perform({ kind: "open", ...options });
  }

  /** Creates or changes an object of a class that was opened beside Note. */
  put(className: string, values: Values): Promise<void> {
    return this.#process.perform({ kind: "put", className, values });
  }

  remove(className: string, key: string): Promise<void> {
    return this.#process.perform({ kind: "remove", className, key });
  }

  all(className: string): Promise<Values[]> {
    return this.#process.perform({ kind: "all", className });
  }

  synchronised(): Promise<void> {
    return this.#process.perform({ kind: "synchronised" });
  }

  /** Resolves once everything the new query asks for is here. */
  subscribe(query: string): Promise<void> {
    return this.#process.perform({ kind: "subscribe", query, isAwaited: true });
  }

  /** Only says what is wanted; for a client that is offline. */
  subscribeLater(query: string): Promise<void> {
    return this.#process.perform({ kind: "subscribe", query, isAwaited: false });
  }

  write(...writes: readonly Write[]): Promise<void> {
    return this.#process.perform({ kind: "write", writes });
  }

  uploaded(): Promise<void> {
    return this.#process.perform({ kind: "uploaded" });
  }

  downloaded(): Promise<void> {
    return this.#process.perform({ kind: "downloaded" });
  }

  pause(): Promise<void> {
    return this.#process.perform({ kind: "pause" });
  }

  resume(): Promise<void> {
    return this.#process.perform({ kind: "resume" });
  }

  notes(): Promise<NoteDump[]> {
    return this.#process.perform({ kind: "notes" });
  }

  count(): Promise<number> {
    return this.#process.perform({ kind: "count" });
  }

  untilCount(count: number): Promise<void> {
    return this.#process.perform({ kind: "untilCount", count });
  }

  errors(): Promise<SyncErrorReport[]> {
    return this.#process.perform({ kind: "errors" });
  }

  untilErrors(count: number): Promise<SyncErrorReport[]> {
    return this.#process.perform({ kind: "untilErrors", count });
  }

  close(): Promise<void> {
    return this.#process.perform({ kind: "close" });
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  exit(): Promise<void> {
    return this.#process.exit({ kind: "exit" });
  }
}
