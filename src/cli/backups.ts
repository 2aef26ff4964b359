// Safety copies and recovery reports from the command line: list, check, export. Works on the files alone, with the app
// closed or open, without a log-in and without a server. Changes nothing but the place it is told to export to.

import { existsSync, writeFileSync } from "node:fs";
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
import { openReportStore, type ReportStore } from "../main/recovery/report-store";
import { keptWords } from "../shared/backup-rules";
import { utc } from "../shared/recovery/report";

const help = `Safety copies and recovery reports of Perennial: list, check, export.

  npm run backups -- list    --data DIR [--json]
  npm run backups -- check   --data DIR [NAME] [--json]
  npm run backups -- export  --data DIR NAME --to PLACE [--format markdown|json] [--json]
  npm run backups -- reports --data DIR [--json]
  npm run backups -- report  --data DIR REFERENCE --to FILE [--format markdown|json] [--json]

  --data DIR    the app's data folder: the one that holds 'backups' (File > Open data folder)
  NAME          a copy's name as 'list' says it, or 'newest'
  REFERENCE     a report's reference as 'reports' says it, or 'newest'; a report quotes both versions of
                every note that was merged or kept twice
  --to PLACE    a folder for a copy as Markdown; for JSON and for a report a file that is not there yet
  --encryption-key-file FILE
                the key of an encrypted data folder, where it is in a file; the app's own key store
                is open to the app alone, which exports safety copies too. What is exported is plain
  --json        the last line on the output is one JSON object

Exit codes: 0 done, 1 something is wrong with a copy or the place, 2 the command cannot be understood
`;

const commands = ["list", "check", "export", "reports", "report"] as const;
type Command = (typeof commands)[number];

type Parsed = {
  readonly command: Command;
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
    const [word, name = null, more] = positionals;
    const command = commands.find((each) => each === word);
    if (command === undefined) {
      return { problem: word === undefined ? "say what to do" : `there is no command '${word}'` };
    }
    if (more !== undefined) return { problem: `'${more}' is one word too many` };
    const { data, to = null, format, json } = values;
    if (data === undefined) return { problem: "--data DIR is missing" };
    if (format !== "markdown" && format !== "json") return { problem: `--format ${format} is not known` };
    if (command === "export" && (name === null || to === null)) {
      return { problem: "export needs a NAME and --to PLACE" };
    }
    if (command === "report" && (name === null || to === null)) {
      return { problem: "report needs a REFERENCE and --to FILE" };
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
    return failWith(parsed, `${parsed.data} holds no 'backups' folder; is it the app's data folder?`);
  }
  const unlocked = unlock(parsed);
  if (unlocked.kind === "locked") return failWith(parsed, unlocked.message);
  const paths = dataPaths(parsed.data, unlocked.sealing);
  const reports = openReportStore(paths.reports, paths.sealing, () => null);
  if (parsed.command === "reports") return listReports(parsed, reports);
  if (parsed.command === "report") return saveReport(parsed, reports);
  const shelf = listShelf(paths.backups, reports.readAny);
  if (parsed.command === "list") {
    if (shelf.length === 0) console.error("There is no safety copy.");
    for (const copy of shelf) console.error(describe(copy));
    const copies = shelf.map(({ manifest, ...copy }) => ({
      ...copy,
      keptWords: keptWords(copy.kept, utc),
      ...manifest,
    }));
    tell(parsed, { copies });
    return 0;
  }
  const named =
    parsed.name === "newest" ? shelf.slice(0, 1) : shelf.filter(({ name }) => name === parsed.name);
  const chosen = parsed.name === null ? shelf : named;
  if (chosen.length === 0 && parsed.name !== null) {
    return failWith(parsed, `There is no safety copy '${parsed.name}'; 'list' says which there are.`);
  }
  if (chosen.length === 0) console.error("There is no safety copy.");
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

function listReports(parsed: Parsed, store: ReportStore): number {
  const reports = store.listAny();
  if (reports.length === 0) console.error("There is no recovery report.");
  for (const { resetId, finishedAtMs, changesRestored, needsHelp } of reports) {
    const what = `${changesRestored} changes restored, ${needsHelp} need help`;
    console.error(`${resetId}  ${utc(finishedAtMs)}  ${what}`);
  }
  tell(parsed, { reports });
  return 0;
}

function saveReport(parsed: Parsed, store: ReportStore): number {
  const { name, to, format } = parsed;
  const all = store.listAny();
  const report = name === "newest" ? all[0] : all.find(({ resetId }) => resetId === name);
  if (report === undefined || to === null) {
    return failWith(parsed, `There is no recovery report '${name}'; 'reports' says which there are.`);
  }
  try {
    const content = store.contentOf(report.resetId, format === "json" ? "json" : "md");
    writeFileSync(to, content, { flag: "wx", mode: 0o600 });
  } catch (error) {
    return failWith(parsed, `The report could not be written to ${to}: ${(error as Error).message}`);
  }
  console.error(`${report.resetId}: written to ${to}`);
  tell(parsed, { report, to });
  return 0;
}

/** Answers the exit code. */
function failWith(parsed: Parsed, error: string): number {
  console.error(error);
  tell(parsed, { error });
  return 1;
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

function describe({ name, kind, createdAtMs, manifest, report, kept }: CopyOnShelf): string {
  const megabytes = (manifest.sizeBytes / 1_000_000).toFixed(1);
  const what = `${kind}  ${manifest.notes} notes, ${megabytes} MB, report: ${report.kind}`;
  return `${name}  ${utc(createdAtMs)}  ${what}\n    ${keptWords(kept, utc)}`;
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
      process.exit(failWith(parsed, `The safety copies could not be read: ${error.message}`));
    },
  );
}
