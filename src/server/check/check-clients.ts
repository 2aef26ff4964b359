/** The client files and the transforms that are kept for them: whether each can go on where it stopped. */
import { parseChangeset } from "../changeset";
import type { ClientFile, Problem, Storage } from "../storage/storage";
import { isSalt } from "./check-history";

/** The first ident that is given to a client; the server has the one before. */
const firstIdent = 2;

export function* clientFileProblems(storage: Storage): Generator<Problem> {
  const nextFileIdent = Number(storage.setting("nextFileIdent"));
  const newest = newestEntries(storage);
  for (const file of storage.clientFiles()) {
    const where = `client file ${file.ident}`;
    for (const what of problemsOf(storage, file, nextFileIdent)) yield { where, what };
    const integrated = newest.get(file.ident) ?? 0;
    if (integrated > file.lastEntryClientVersion) {
      yield {
        where,
        what: `has client version ${integrated} in the history, and knows only of ${file.lastEntryClientVersion}`,
      };
    }
  }
}

function* problemsOf(storage: Storage, file: ClientFile, nextFileIdent: number): Generator<string> {
  const { version: head } = storage.head();
  if (file.ident < firstIdent || file.ident >= nextFileIdent) yield "has an ident that was never given out";
  if (!isSalt(file.salt)) yield "has no proper salt";
  if (!storage.accounts.user(file.userId)) yield `belongs to user ${file.userId}, who is not there`;
  if (file.uploadServerVersion > head) {
    yield `builds on version ${file.uploadServerVersion}, and the history ends at ${head}`;
  }
  if (file.confirmedServerVersion > head) {
    yield `holds version ${file.confirmedServerVersion}, and the history ends at ${head}`;
  }
  if (file.lastEntryClientVersion > file.uploadClientVersion) {
    yield `has an entry of client version ${file.lastEntryClientVersion}, and received ${file.uploadClientVersion}`;
  }
  let [fromVersion, queryVersion] = [0, -1];
  for (const view of file.views) {
    // One query may have several periods, in which more and more objects are followed.
    if (view.fromVersion < fromVersion || view.queryVersion < queryVersion) yield "has views out of order";
    if (view.fromVersion > head)
      yield `sees through queries from version ${view.fromVersion} on, after the end`;
    if (!isQueryBody(view.queryBody)) yield `has queries of version ${view.queryVersion} that cannot be read`;
    ({ fromVersion, queryVersion } = view);
  }
}

function isQueryBody(text: string): boolean {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== "object" || body === null || Array.isArray(body)) return false;
    return Object.values(body).every((query) => typeof query === "string");
  } catch {
    return false;
  }
}

/** The newest client version of each file that is in the history. */
function newestEntries(storage: Storage): ReadonlyMap<number, number> {
  const newest = new Map<number, number>();
  for (let version = storage.historyBase().version + 1; version <= storage.head().version; version++) {
    const entry = storage.historyEntry(version);
    if (entry) newest.set(entry.originFileIdent, entry.originClientVersion);
  }
  return newest;
}

export function* reciprocalProblems(storage: Storage): Generator<Problem> {
  const { version: base } = storage.historyBase();
  const { version: head } = storage.head();
  for (const { fileIdent, version, changeset } of storage.reciprocals()) {
    const where = `reciprocal of version ${version} for client file ${fileIdent}`;
    if (!storage.clientFile(fileIdent)) yield { where, what: "the client file is not there" };
    if (version <= base || version > head) yield { where, what: "the history does not have this version" };
    const parsed = parseChangeset(changeset);
    if (parsed.kind === "malformed") yield { where, what: `cannot be read: ${parsed.message}` };
  }
}
