/** A program of ours in a process of its own that is told over IPC what to do. Knows nothing of what it is told. */
import { mkdirSync } from "node:fs";
import { exited, type Program, startProgram } from "./child-process";

export type Answer =
  | { readonly id: number; readonly kind: "ok"; readonly value: unknown }
  | { readonly id: number; readonly kind: "failed"; readonly message: string };

export class DrivenProcess<Command extends { readonly kind: string }> {
  readonly #program: Program;
  readonly #pending = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  /** @param directory is the program's working directory, where the SDK puts its files */
  constructor(program: string, directory: string, onStderr: (text: string) => void = () => {}) {
    mkdirSync(directory, { recursive: true });
    this.#program = startProgram(program, [], directory);
    const { child } = this.#program;
    child.stdout?.resume();
    child.stderr?.on("data", onStderr);
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

  get isRunning(): boolean {
    return this.#program.child.connected;
  }

  async perform<T>(command: Command): Promise<T> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = await new Promise<Answer>((resolve) => {
      this.#pending.set(id, resolve);
      const { child } = this.#program;
      if (child.connected) child.send({ id, command });
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

  /** Tells it, and waits until the process is gone. */
  async exit(command: Command): Promise<void> {
    const { child } = this.#program;
    if (child.connected) child.send({ id: 0, command });
    await exited(child);
  }

  /** With no chance to say or write anything more. */
  async kill(): Promise<void> {
    this.#program.child.kill("SIGKILL");
    await exited(this.#program.child);
  }
}
