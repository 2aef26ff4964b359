/** What every operator's command is made of: its words, its arguments, and where its answers go. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type ParseArgsConfig, parseArgs } from "node:util";

/** Where the answers go, line by line. */
export type Terminal = { readonly print: (line: string) => void; readonly error: (line: string) => void };

export type Command = {
  /** For the overview. */
  readonly summary: string;
  readonly help: string;
  /** Answers the exit code: 0 done, 1 failed. Throws a UsageError for what is not understood: 2. */
  readonly run: (args: readonly string[], terminal: Terminal) => Promise<number>;
};

export class UsageError extends Error {}
export class CannotRead extends Error {}

export const dataOption = { data: { type: "string", default: "perennial-data" } } as const;

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Complaints of `parseArgs` are about how the command was written. */
export function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Reads `--data`, `--json`, the given flags and exactly the named arguments. */
export function readArguments<Flag extends string = never>(
  args: readonly string[],
  names: readonly string[],
  flags: readonly Flag[] = [],
): {
  readonly dataDir: string;
  readonly asJson: boolean;
  readonly positionals: readonly string[];
  readonly flags: Readonly<Record<Flag, boolean>>;
} {
  const options: Options = { ...dataOption, json: { type: "boolean", default: false } };
  for (const flag of flags) options[flag] = { type: "boolean", default: false };
  const { values, positionals } = parsed(() =>
    parseArgs({ args: [...args], allowPositionals: true, options }),
  );
  if (positionals.length !== names.length) {
    const wanted = names.length === 0 ? "no arguments" : names.join(" ");
    throw new UsageError(
      `It takes ${wanted}, not ${positionals.length === 0 ? "nothing" : positionals.join(" ")}.`,
    );
  }
  return {
    dataDir: resolve(String(values.data)),
    asJson: values.json === true,
    positionals,
    flags: Object.fromEntries(flags.map((flag) => [flag, values[flag] === true])) as Record<Flag, boolean>,
  };
}

/** What a file holds that the command line names; that it cannot be read is a failure, not a misunderstanding. */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new CannotRead(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** One command with several words, such as `schema show` and `schema deploy`. */
export function commandGroup(
  name: string,
  summary: string,
  members: Readonly<Record<string, Command>>,
): Command {
  const help = [...Object.values(members)].map((member) => member.help).join("\n\n");
  return {
    summary,
    help,
    async run([word, ...rest], terminal) {
      const member = word !== undefined && Object.hasOwn(members, word) ? members[word] : undefined;
      if (!member) {
        const words = Object.keys(members).join(" or ");
        throw new UsageError(`${name} needs ${words}${word === undefined ? "" : `, not "${word}"`}.`);
      }
      return member.run(rest, terminal);
    },
  };
}
