/** What the server says on the WebSocket: values in, bytes out. Knows the layout, not when to say what. */
import { constants, deflateSync } from "node:zlib";
import type { PrimaryKey } from "../changeset";
import { ByteWriter } from "../changeset/byte-writer";
import { typeCodes } from "../changeset/codes";
import type { SessionError } from "./session-error";

export type DownloadProgress = {
  readonly serverVersion: number;
  /** The newest of this client's own versions integrated at `serverVersion`. */
  readonly clientVersion: number;
  readonly latestServerVersion: number;
  readonly latestServerVersionSalt: number;
  readonly uploadClientVersion: number;
  readonly uploadServerVersion: number;
};

export type DownloadedChangeset = {
  readonly serverVersion: number;
  readonly clientVersion: number;
  readonly originTimestampMs: number;
  readonly originFileIdent: number;
  readonly bytes: Uint8Array;
  /** What the client counts as downloaded; as many as there are bytes, if not given. */
  readonly countedBytes?: number;
};

export type Download = {
  readonly progress: DownloadProgress;
  readonly queryVersion: number;
  readonly isLastInBatch: boolean;
  /** What is left to download after this message. */
  readonly downloadableBytes: number;
  readonly changesets: readonly DownloadedChangeset[];
};

/** Below this, a body is not worth the work. */
const leastCompressedBytes = 1024;

/** How small a compressed body must be, in parts of the plain one, for the client to be made to inflate it. */
const worthwhile = 0.9;

/** The server does this between other people's messages: better fast than small. */
const fastest = { level: constants.Z_BEST_SPEED };

export function identMessage(session: number, fileIdent: number, salt: number): Buffer {
  return header(`ident ${session} ${fileIdent} ${salt}`);
}

export function downloadMessage(session: number, download: Download): Buffer {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for (const changeset of download.changesets) {
    const { length } = changeset.bytes;
    const { countedBytes = length } = changeset;
    const head = Buffer.from(
      `${changeset.serverVersion} ${changeset.clientVersion} ${changeset.originTimestampMs} ` +
        `${changeset.originFileIdent} ${countedBytes} ${length} `,
      "latin1",
    );
    parts.push(head, changeset.bytes);
    sizeBytes += head.length + length;
  }
  const plain = Buffer.concat(parts, sizeBytes);
  const compressed = sizeBytes < leastCompressedBytes ? undefined : deflateSync(plain, fastest);
  const isGain = compressed !== undefined && compressed.length < sizeBytes * worthwhile;
  const { progress } = download;
  const values = [
    session,
    progress.serverVersion,
    progress.clientVersion,
    progress.latestServerVersion,
    progress.latestServerVersionSalt,
    progress.uploadClientVersion,
    progress.uploadServerVersion,
    download.queryVersion,
    download.isLastInBatch ? 1 : 0,
    download.downloadableBytes,
    isGain ? 1 : 0,
    sizeBytes,
    isGain ? compressed.length : 0,
  ];
  return Buffer.concat([header(`download ${values.join(" ")}`), isGain ? compressed : plain]);
}

export function markMessage(session: number, request: number): Buffer {
  return header(`mark ${session} ${request}`);
}

export function pongMessage(timestampMs: number): Buffer {
  return header(`pong ${timestampMs}`);
}

export function unboundMessage(session: number): Buffer {
  return header(`unbound ${session}`);
}

/** Session 0 makes it an error of the whole connection. */
export function errorMessage(session: number, error: SessionError): Buffer {
  const body = Buffer.from(
    JSON.stringify({
      message: error.message,
      tryAgain: error.action === "Warning" || error.action === "Transient",
      isRecoveryModeDisabled: false,
      logURL: "",
      shouldClientReset: error.action === "ClientReset",
      action: error.action,
      ...(error.rejectedUpdates && {
        rejectedUpdates: error.rejectedUpdates.map(({ table, pk, reason }) => ({
          table,
          reason,
          pk: encodedPrimaryKey(pk),
        })),
      }),
    }),
  );
  return Buffer.concat([header(`json_error ${error.code} ${body.length} ${session}`), body]);
}

export function queryErrorMessage(
  session: number,
  code: number,
  queryVersion: number,
  message: string,
): Buffer {
  const body = Buffer.from(message);
  return Buffer.concat([header(`query_error ${code} ${body.length} ${session} ${queryVersion}`), body]);
}

function header(line: string): Buffer {
  return Buffer.from(`${line}\n`, "latin1");
}

/** As in a changeset, but with a string in place of its number in the intern table. */
function encodedPrimaryKey(pk: PrimaryKey): string {
  const out = new ByteWriter();
  switch (pk.kind) {
    case "null":
      out.int(typeCodes.null);
      break;
    case "int":
      out.int(typeCodes.int);
      out.bigInt(pk.value);
      break;
    case "string": {
      const bytes = Buffer.from(pk.value);
      out.int(typeCodes.string);
      out.uint(bytes.length);
      return base64(out.bytes(), bytes);
    }
    case "objectId":
    case "uuid":
      out.int(typeCodes[pk.kind]);
      return base64(out.bytes(), Buffer.from(pk.value.replaceAll("-", ""), "hex"));
    case "globalKey":
      throw new Error("objects without a primary key are not synchronised");
  }
  return base64(out.bytes());
}

function base64(...parts: Uint8Array[]): string {
  return Buffer.concat(parts).toString("base64");
}
