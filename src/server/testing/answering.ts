/** The client program's side of a driven client: answers the commands that come over IPC, one by one as they end. */
import type { Answer } from "./driven-process";

export function answerCommands<Command>(perform: (command: Command) => Promise<unknown>): void {
  process.on("message", ({ id, command }: { id: number; command: Command }) => {
    perform(command)
      .then((value): Answer => ({ id, kind: "ok", value }))
      .catch((error: unknown): Answer => ({ id, kind: "failed", message: textOf(error) }))
      .then((answer) => process.send?.(answer));
  });
  process.on("disconnect", () => process.exit(0));
}

function textOf(error: unknown): string {
  if (typeof error === "string") return error;
  const message = (error as { message?: unknown } | undefined)?.message;
  return typeof message === "string" ? message : JSON.stringify(error);
}
