// Which server a data folder belongs to. Realm keeps to the first one whatever it is told later, so a start that names
// another would only ever say that nothing can be reached, or sync with a server that nobody expects. This remembers
// what was named when the folder was made, and says where that and this start differ. Changes nothing else.

import { z } from "zod";
import { readJson, writeDurably } from "./durable-file";
import type { Log } from "./log";
import type { DataPaths } from "./paths";
import { readKeptAddress } from "./realm/kept-address";
import { describeError } from "./realm/realm-errors";

/** `embedded`: the app's own server on this computer. */
export type ServerAddress = { readonly url: string; readonly embedded: boolean };

export type OtherServer = {
  /** The one that the notes go on syncing with. */
  readonly used: ServerAddress;
  /** What it is about, where, and what to do, in words for a person. */
  readonly message: string;
};

const schema = z.strictObject({ url: z.string(), embedded: z.boolean() });

/** Before Realm's App is opened. Null: the folder belongs to the server that was named, or to none yet. */
export function findOtherServer(
  paths: Pick<DataPaths, "dataDir" | "metadataRealm" | "serverAddress">,
  named: ServerAddress,
  log: Log,
): OtherServer | null {
  const kept = readKeptAddress(paths.metadataRealm);
  if (kept.kind === "unreadable") {
    log("warn", "the stored address of the server cannot be read", { error: kept.message });
    return null;
  }
  if (kept.kind === "none-yet") {
    remember(paths.serverAddress, named, log);
    return null;
  }
  const read = readJson(paths.serverAddress);
  const parsed = read.kind === "ok" ? schema.safeParse(read.value) : null;
  if (!parsed?.success) {
    // A folder of an earlier version: a server with a public address calls itself otherwise than it was named.
    if (isSame(kept.url, named.url)) remember(paths.serverAddress, named, log);
    return null;
  }
  const used = parsed.data;
  if (used.embedded === named.embedded && isSame(used.url, named.url)) return null;
  // Named by the address that it gives itself, it is the same server.
  if (!used.embedded && !named.embedded && isSame(kept.url, named.url)) return null;
  log("warn", "the data folder belongs to another server", { used: used.url, named: named.url });
  return { used, message: words(paths.dataDir, used, named) };
}

function words(dataDir: string, used: ServerAddress, named: ServerAddress): string {
  if (used.embedded && named.embedded) {
    return `The notes in ${dataDir} know Perennial's own server by ${used.url}, but it is at ${named.url} now, so they do not sync with it. Close Perennial and put the folder "server" in there back as it was. Until then your notes can be read, written and exported.`;
  }
  const back = used.embedded ? "without naming a server" : `with ${used.url}`;
  const other = named.embedded ? "To use the server on this computer" : `To use ${named.url}`;
  return `The notes in ${dataDir} belong to ${nameOf(used)} and stay with it; ${nameOf(named)}, which this start named, is not used. Start Perennial ${back} to go on as before. ${other}, start it with a new data folder; notes are taken along by exporting and importing them.`;
}

function nameOf({ url, embedded }: ServerAddress): string {
  return embedded ? `Perennial's own server on this computer (${url})` : `the server ${url}`;
}

function isSame(one: string, other: string): boolean {
  return normal(one) === normal(other);
}

function normal(url: string): string {
  return URL.canParse(url) ? new URL(url).href.replace(/\/+$/, "") : url;
}

/** Without it nothing is wrong; only a later start with another address says less. */
function remember(file: string, address: ServerAddress, log: Log): void {
  try {
    const read = readJson(file);
    const content = JSON.stringify(address);
    if (read.kind === "ok" && JSON.stringify(read.value) === content) return;
    writeDurably(file, content);
  } catch (error) {
    log("warn", "the address of the server could not be written down", { error: describeError(error) });
  }
}
