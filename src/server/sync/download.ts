/** The next piece of history for a client, seen through its view. */
import { encodeChangeset } from "../changeset";
import type { DownloadedChangeset } from "../protocol/server-messages";
import type { ClientFile } from "../storage/storage";
import { projectEntry } from "../view/projection";
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
const entriesPerPiece = 5000;

/** Never beyond the head; a piece with no changesets still moves the cursor. */
export function nextDownload(
  context: SyncContext,
  file: ClientFile,
  cursor: DownloadCursor,
  limitBytes: number,
): DownloadPiece {
  const schema = context.storage.schema();
  const end = Math.min(context.storage.head().version, cursor.serverVersion + entriesPerPiece);
  const changesets: DownloadedChangeset[] = [];
  let { serverVersion, clientVersion } = cursor;
  let sizeBytes = 0;
  while (serverVersion < end && sizeBytes < limitBytes) {
    serverVersion += 1;
    const { entry, instructions } = context.entry(serverVersion);
    const isOwn = entry.originFileIdent === file.ident;
    if (isOwn) clientVersion = entry.originClientVersion;
    const projection = projectEntry(
      entry,
      instructions,
      context.viewAt(file, serverVersion),
      file.ident,
      schema,
    );
    if (projection.kind === "nothing") continue;
    const bytes = projection.kind === "whole" ? entry.changeset : encodeChangeset(projection.instructions);
    changesets.push({
      serverVersion,
      clientVersion,
      originTimestampMs: entry.originTimestampMs,
      // A client refuses what claims to come from itself.
      originFileIdent: isOwn ? serverFileIdent : entry.originFileIdent,
      bytes,
    });
    sizeBytes += bytes.length;
  }
  return { cursor: { serverVersion, clientVersion }, changesets };
}
