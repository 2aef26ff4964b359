/** What a client reads in a download message. */
import { inflateSync } from "node:zlib";
import { parseChangeset } from "../changeset";
import type { MergeChangeset } from "../merge";

export type Download = {
  readonly serverVersion: number;
  readonly clientVersion: number;
  readonly latestVersion: number;
  readonly latestSalt: string;
  readonly uploadClientVersion: number;
  readonly queryVersion: number;
  readonly isLast: boolean;
  readonly downloadableBytes: number;
  readonly bodyBytes: number;
  readonly sentBytes: number;
  readonly changesets: readonly (MergeChangeset & { readonly serverVersion: number })[];
};

/** @param head the values of the header line, its name first */
export function readDownload(head: readonly string[], sent: Buffer): Download {
  const body = head[11] === "1" ? inflateSync(sent) : sent;
  if (body.length !== Number(head[12])) throw new Error("a body of another size than its header says");
  const changesets: (MergeChangeset & { serverVersion: number })[] = [];
  let offset = 0;
  const number = (): number => {
    const end = body.indexOf(0x20, offset);
    const value = Number(body.subarray(offset, end).toString("latin1"));
    offset = end + 1;
    return value;
  };
  while (offset < body.length) {
    const serverVersion = number();
    const clientVersion = number();
    const originTimestampMs = number();
    const originFileIdent = number();
    number();
    const sizeBytes = number();
    const parsed = parseChangeset(body.subarray(offset, offset + sizeBytes));
    if (parsed.kind === "malformed") throw new Error(parsed.message);
    offset += sizeBytes;
    changesets.push({
      serverVersion,
      version: serverVersion,
      lastIntegratedRemoteVersion: clientVersion,
      originTimestampMs,
      originFileIdent,
      instructions: parsed.instructions,
    });
  }
  return {
    serverVersion: Number(head[2]),
    clientVersion: Number(head[3]),
    latestVersion: Number(head[4]),
    latestSalt: head[5] ?? "",
    uploadClientVersion: Number(head[6]),
    queryVersion: Number(head[8]),
    isLast: head[9] === "1",
    downloadableBytes: Number(head[10]),
    bodyBytes: body.length,
    sentBytes: sent.length,
    changesets,
  };
}
