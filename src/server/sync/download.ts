/** The next piece of history for a client, seen through its view, and how much there is after it. */
import { encodeChangeset } from "../changeset";
import type { DownloadedChangeset } from "../protocol/server-messages";
import type { ClientFile } from "../storage/storage";
import { foreseenBytes, projectEntry } from "../view/projection";
import { type SyncContext, serverFileIdent } from "./context";

/** How far a client has been served. */
export type DownloadCursor = {
  readonly serverVersion: number;
  /** The newest own version of the client that is part of the history up to there. */
  readonly clientVersion: number;
};

export type DownloadPiece = {
  readonly cursor: DownloadCursor;
  readonly changesets: readonly DownloadedChangeset[];
};

/** A limit on entries as well as bytes: entries that say nothing to this client cost time too. */
const entriesPerPiece = 250;

/** How far ahead is counted what is still to be downloaded, and how much of that at a time. */
const foresight = { entries: 4000, entriesPerPiece: 1000 };

/**
 * What is left to download: the entries ahead that will reach the client. Beyond the foresight nothing is counted, so
 * that the sum of what is downloaded and what is left grows, and never shrinks.
 */
export class LookAhead {
  #through: number;
  #bytes = 0;
  readonly #byVersion = new Map<number, number>();

  constructor(fromVersion: number) {
    this.#through = fromVersion;
  }

  get bytes(): number {
    return this.#bytes;
  }

  extend(context: SyncContext, file: ClientFile, { serverVersion }: DownloadCursor, end: number): void {
    this.#through = Math.max(this.#through, serverVersion);
    const last = Math.min(end, serverVersion + foresight.entries, this.#through + foresight.entriesPerPiece);
    while (this.#through < last) {
      this.#through += 1;
      const view = context.viewAt(file, this.#through);
      const bytes = foreseenBytes(context.entry(this.#through).entry, view, file.ident);
      if (bytes === 0) continue;
      this.#byVersion.set(this.#through, bytes);
      this.#bytes += bytes;
    }
  }

  /** What was counted for this version, which is left no longer. */
  take(version: number): number {
    const bytes = this.#byVersion.get(version) ?? 0;
    this.#byVersion.delete(version);
    this.#bytes -= bytes;
    return bytes;
  }
}

/** Never beyond `end`; a piece with no changesets still moves the cursor. */
export function nextDownload(
  context: SyncContext,
  file: ClientFile,
  cursor: DownloadCursor,
  end: number,
  limitBytes: number,
  ahead: LookAhead,
): DownloadPiece {
  const schema = context.storage.schema();
  const last = Math.min(end, cursor.serverVersion + entriesPerPiece);
  ahead.extend(context, file, cursor, end);
  const changesets: DownloadedChangeset[] = [];
  let { serverVersion, clientVersion } = cursor;
  let sizeBytes = 0;
  while (serverVersion < last && sizeBytes < limitBytes) {
    serverVersion += 1;
    const decoded = context.entry(serverVersion);
    const { entry } = decoded;
    const isOwn = entry.originFileIdent === file.ident;
    if (isOwn) clientVersion = entry.originClientVersion;
    const countedBytes = ahead.take(serverVersion);
    const projection = projectEntry(decoded, context.viewAt(file, serverVersion), file.ident, schema);
    if (projection.kind === "nothing") continue;
    const bytes = projection.kind === "whole" ? entry.changeset : encodeChangeset(projection.instructions);
    changesets.push({
      serverVersion,
      clientVersion,
      originTimestampMs: entry.originTimestampMs,
      // A client refuses what claims to come from itself.
      originFileIdent: isOwn ? serverFileIdent : entry.originFileIdent,
      bytes,
      countedBytes,
    });
    sizeBytes += bytes.length;
  }
  return { cursor: { serverVersion, clientVersion }, changesets };
}
