/**
 * The operator's commands by name. What each does is in commands/, a file per command or group; the process itself
 * (arguments, exit) belongs to cli.ts.
 */
import { auth } from "./commands/auth";
import { backup, restore } from "./commands/backup";
import { check } from "./commands/check";
import { CannotRead, type Command, type Terminal, UsageError } from "./commands/command";
import { rules } from "./commands/rules";
import { schema } from "./commands/schema";
import { set, settings } from "./commands/settings";
import { start } from "./commands/start";
import { status } from "./commands/status";
import { enable, stop, terminate } from "./commands/switch-sync";
import { users } from "./commands/users";

/** In the order of the overview. */
const commands: Readonly<Record<string, Command>> = {
  start,
  backup,
  restore,
  check,
  status,
  schema,
  rules,
  settings,
  set,
  users,
  auth,
  terminate,
  enable,
  stop,
};

const overview = [
  "perennial-server <command> [options]",
  "",
  ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`),
  "",
  "perennial-server <command> --help tells more.",
].join("\n");

/** Answers the exit code: 0 done, 1 failed, 2 not understood. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    terminal.print(overview);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    terminal.error(`There is no command "${name}".\n\n${overview}`);
    return 2;
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    terminal.print(command.help);
    return 0;
  }
  try {
    return await command.run(rest, terminal);
  } catch (error) {
    if (error instanceof CannotRead) {
      if (rest.includes("--json")) terminal.print(JSON.stringify({ kind: "failed", message: error.message }));
      else terminal.error(error.message);
      return 1;
    }
    if (!(error instanceof UsageError)) throw error;
    terminal.error(`${error.message}\n\n${command.help}`);
    return 2;
  }
}
