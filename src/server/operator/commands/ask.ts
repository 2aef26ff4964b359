/** Asks the running server of a data directory, or works on its files when none is running, and reports the answer. */
import { administerUsers } from "../../auth/user-administration";
import type { SqliteStorage } from "../../storage/sqlite-storage";
import { askServer } from "../admin-api";
import { type AdminRequest, perform } from "../requests";
import { Settings } from "../settings";
import { hasStore, openStore, restoreStore } from "../store-files";
import type { Terminal } from "./command";

type Answer =
  | { readonly kind: "ok"; readonly body: unknown }
  | { readonly kind: "failed"; readonly message: string };

export type Report<T> = {
  readonly asJson: boolean;
  /** The answer in words; not called for a failure that carries its own. */
  readonly words: (answer: T, terminal: Terminal) => void;
  /** Whether the answer, though it came, means failure. */
  readonly isFailure?: (answer: T) => boolean;
};

/** Answers the exit code. An answer of `kind` "failed" fails, with its message. */
export async function askAndReport<T>(
  dataDir: string,
  request: AdminRequest,
  terminal: Terminal,
  report: Report<T>,
): Promise<number> {
  const asked = await askServer(dataDir, request);
  const answer: Answer = asked.kind === "notRunning" ? await withoutServer(dataDir, request) : asked;
  const body: unknown = answer.kind === "ok" ? answer.body : answer;
  const failure = body as { kind?: unknown; message?: unknown };
  const hasFailed = failure.kind === "failed";
  if (report.asJson) terminal.print(JSON.stringify(body));
  else if (hasFailed && typeof failure.message === "string") terminal.error(failure.message);
  else report.words(body as T, terminal);
  return hasFailed || report.isFailure?.(body as T) ? 1 : 0;
}

async function withoutServer(dataDir: string, request: AdminRequest): Promise<Answer> {
  switch (request.kind) {
    case "restore":
      return { kind: "ok", body: restoreStore(dataDir, request.path, Date.now(), () => {}) };
    case "stop":
      return { kind: "failed", message: "No server is running here." };
    case "users":
      return onStore(dataDir, request, (storage) =>
        administerUsers(
          () => storage,
          request.request,
          Date.now(),
          () => {},
        ),
      );
    default:
      return onStore(dataDir, request, (storage) => {
        const settings = new Settings(() => storage);
        return perform({ storage, settings, dataDir, nowMs: Date.now() }, request).answer;
      });
  }
}

async function onStore(
  dataDir: string,
  request: AdminRequest,
  work: (storage: SqliteStorage) => unknown,
): Promise<Answer> {
  if (!hasStore(dataDir)) return { kind: "failed", message: `There is no server data in ${dataDir}.` };
  const opened = openStore(dataDir);
  if (opened.kind === "unusable" && request.kind === "check") {
    return { kind: "ok", body: { problems: [{ where: "store file", what: opened.message }] } };
  }
  if (opened.kind !== "ok") return { kind: "failed", message: opened.message };
  try {
    return { kind: "ok", body: await work(opened.storage) };
  } finally {
    opened.storage.close();
  }
}
