// Safety copies from the command line: list, check, export. Works on the files alone, with the app closed or open,
// without a log-in and without a server. Changes nothing but the place it is told to export to.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  type CopyOnShelf,
  checkCopy,
  exportCopyAsJson,
  exportCopyAsMarkdown,
  listShelf,
  type ShelfAnswer,
} from "../main/backups/shelf";
import { type Unlocked, unlockDataFolder } from "../main/data-key";
import { createFileKeyStore } from "../main/key-file";
import { type DataPaths, dataPaths } from "../main/paths";
import { openReportStore } from "../main/recovery/report-store";

const help = `Safety copies of Perennial: list, check, export.

  npm run backups -- list   --data DIR [--json]
  npm run backups -- check  --data DIR [NAME] [--json]
  npm run backups -- export --data DIR NAME --to PLACE [--format markdown|json] [--json]

  --data DIR    the app's data folder: the one that holds 'backups' (File > Open data folder)
  NAME          a copy's name as 'list' says it, or 'newest'
  --to PLACE    a folder for Markdown, a file that is not there yet for JSON
  --encryption-key-file FILE
                the key of an encrypted data folder, where it is in a file; the app's own key store
                is open to the app alone, which exports safety copies too. What is exported is plain
  --json        the last line on the output is one JSON object

Exit codes: 0 done, 1 something is wrong with a copy or the place, 2 the command cannot be understood
`;

type Parsed = {
  readonly command: "list" | "check" | "export";
  readonly name: string | null;
  readonly data: string;
  readonly to: string | null;
  readonly format: "markdown" | "json";
  readonly json: boolean;
  readonly keyFile: string | null;
};

function readCommand(): Parsed | { readonly problem: string } | { readonly help: true } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        data: { type: "string" },
        to: { type: "string" },
        format: { type: "string", default: "markdown" },
        "encryption-key-file": { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return { help: true };
    const [command, name = null, more] = positionals;
    if (command !== "list" && command !== "check" && command !== "export") {
      return { problem: command === undefined ? "say what to do" : `there is no command '${command}'` };
    }
    if (more !== undefined) return { problem: `'${more}' is one word too many` };
    const { data, to = null, format, json } = values;
    if (data === undefined) return { problem: "--data DIR is missing" };
    if (format !== "markdown" && format !== "json") return { problem: `--format ${format} is not known` };
    if (command === "export" && (name === null || to === null)) {
      return { problem: "export needs a NAME and --to PLACE" };
    }
    const keyFile = values["encryption-key-file"] ?? null;
    const place = to === null ? null : resolve(to);
    return { command, name, data: resolve(data), to: place, format, json, keyFile };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

async function run(parsed: Parsed): Promise<number> {
  if (!existsSync(dataPaths(parsed.data).backups)) {
    console.error(`${parsed.data} holds no 'backups' folder; is it the app's data folder?`);
    return 1;
  }
  const unlocked = unlock(parsed);
  if (unlocked.kind === "locked") {
    console.error(unlocked.message);
    return 1;
  }
  const paths = dataPaths(parsed.data, unlocked.sealing);
  const reports = openReportStore(paths.reports, paths.sealing, () => null);
  const shelf = listShelf(paths.backups, reports.readAny);
  if (parsed.command === "list") {
    for (const copy of shelf) console.error(describe(copy));
    tell(parsed, {
      copies: shelf.map(({ manifest, report, ...copy }) => ({ ...copy, report, ...manifest })),
    });
    return 0;
  }
  const named =
    parsed.name === "newest" ? shelf.slice(0, 1) : shelf.filter(({ name }) => name === parsed.name);
  const chosen = parsed.name === null ? shelf : named;
  if (chosen.length === 0) {
    console.error(
      parsed.name === null ? "There is no safety copy." : `There is no safety copy '${parsed.name}'.`,
    );
    return parsed.name === null ? 0 : 1;
  }
  const results: { name: string; result: ShelfAnswer<{ readonly notes: number }> }[] = [];
  for (const { name } of chosen) {
    const result = await work(parsed, paths, name);
    console.error(result.kind === "ok" ? `${name}: ${result.notes} notes` : `${name}: ${result.message}`);
    results.push({ name, result });
  }
  const failed = results.filter(({ result }) => result.kind === "failed").length;
  tell(parsed, { copies: results.map(({ name, result }) => ({ name, ...result })), failed });
  return failed > 0 ? 1 : 0;
}

function unlock({ data, keyFile }: Parsed): Unlocked {
  return unlockDataFolder(data, false, createFileKeyStore(keyFile, "--encryption-key-file"));
}

function work({ command, to, format }: Parsed, { backups, sealing }: DataPaths, name: string) {
  if (command === "check" || to === null) return checkCopy(backups, name, sealing);
  return format === "json"
    ? exportCopyAsJson(backups, name, to, sealing)
    : exportCopyAsMarkdown(backups, name, to, sealing);
}

function describe({ name, kind, createdAtMs, manifest, report }: CopyOnShelf): string {
  const when = new Date(createdAtMs).toISOString().slice(0, 16).replace("T", " ");
  const megabytes = (manifest.sizeBytes / 1_000_000).toFixed(1);
  return `${name}  ${when} UTC  ${kind}  ${manifest.notes} notes, ${megabytes} MB, report: ${report.kind}`;
}

function tell({ json }: Parsed, value: object): void {
  if (json) console.log(JSON.stringify(value));
}

const parsed = readCommand();
if ("help" in parsed) {
  console.log(help);
} else if ("problem" in parsed) {
  console.error(`${parsed.problem}\n\n${help}`);
  process.exitCode = 2;
} else {
  // Realm leaves handles behind that would keep the process alive.
  void run(parsed).then(
    (code) => process.exit(code),
    (error: Error) => {
      console.error(`The safety copies could not be read: ${error.message}`);
      process.exit(1);
    },
  );
}
