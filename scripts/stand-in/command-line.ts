/**
 * Electron's command line as data: which app, which switches, what its default app would do with the rest.
 * Pure; the reading of files and the acting on switches are elsewhere.
 */

export interface CommandLine {
  readonly request: "run" | "version" | "help";
  /** The app's folder or file as given, `undefined` when none was. */
  readonly app: string | undefined;
  /** Modules to load before the app (`-r`). */
  readonly preloads: readonly string[];
  /** Every `--name` or `--name=value`, also those after the app; the last one of a name counts. */
  readonly switches: ReadonlyMap<string, string>;
  readonly inspect: { readonly host: string; readonly port: number; readonly wait: boolean } | undefined;
}

/** `args` is the command line without the executable. Switches end at `--`; names are compared in lower case. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const switches = new Map<string, string>();
  const preloads: string[] = [];
  let request: CommandLine["request"] = "run";
  let app: string | undefined;
  let switchesEnded = false;

  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string;
    if (arg === "--" && !switchesEnded) {
      switchesEnded = true;
    } else if (switchesEnded || !arg.startsWith("-") || arg === "-") {
      app ??= arg;
    } else if (app === undefined && (arg === "-r" || arg === "--require")) {
      const preload = args[++at];
      if (preload === undefined) throw new Error(`${arg} needs the module to load`);
      preloads.push(preload);
    } else if (app === undefined && (arg === "-v" || arg === "--version")) {
      request = "version";
    } else if (app === undefined && (arg === "-h" || arg === "--help")) {
      request = "help";
    } else if (arg.startsWith("--")) {
      const [name, value] = splitOnce(arg.slice(2), "=");
      switches.set(name.toLowerCase(), value ?? "");
    } else if (app === undefined) {
      throw new Error(`The stand-in does not know the option ${arg}`);
    }
  }
  return { request, app, preloads, switches, inspect: parseInspect(switches) };
}

function parseInspect(switches: ReadonlyMap<string, string>): CommandLine["inspect"] {
  const waiting = switches.get("inspect-brk");
  const address = waiting ?? switches.get("inspect");
  if (address === undefined) return undefined;
  const text = address === "" ? "9229" : address;
  const colon = text.lastIndexOf(":");
  const host = colon < 0 ? "127.0.0.1" : text.slice(0, colon);
  const port = Number(text.slice(colon + 1));
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`Not a port to inspect: ${text}`);
  return { host, port, wait: waiting !== undefined };
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
