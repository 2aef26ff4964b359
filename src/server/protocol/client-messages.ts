/**
 * What a client may say on the WebSocket: bytes in, one message out. Everything here comes from outside, so every
 * number, size and text is checked, and what does not fit is `malformed` with the session it belongs to, if the
 * header got as far as naming one. Must not know what a message means for a session.
 */
import { inflateSync } from "node:zlib";

export const limits = {
  headerBytes: 512,
  pathBytes: 1024,
  tokenBytes: 8192,
  queryBytes: 256 * 1024,
  errorBytes: 64 * 1024,
  /** Of an upload's body, before and after inflating. */
  uploadBytes: 128 * 1024 * 1024,
} as const;

export type UploadedChangeset = {
  readonly clientVersion: number;
  /** The server version the client had integrated when it made this changeset. */
  readonly serverVersion: number;
  /** Milliseconds since 2015-01-01T00:00:00Z by the client's clock. */
  readonly originTimestampMs: number;
  /** 0: made by the uploading file itself, the only kind a direct client makes. */
  readonly originFileIdent: number;
  readonly bytes: Uint8Array;
};

export type BindMessage = {
  readonly kind: "bind";
  readonly session: number;
  readonly path: string;
  readonly needsFileIdent: boolean;
};

export type IdentMessage = {
  readonly kind: "ident";
  readonly session: number;
  readonly fileIdent: number;
  /** Salts are decimal text: those of a foreign server may exceed what a number holds. */
  readonly fileIdentSalt: string;
  readonly downloadServerVersion: number;
  readonly downloadClientVersion: number;
  readonly latestServerVersion: number;
  readonly latestServerVersionSalt: string;
  readonly queryVersion: number;
  readonly queryBody: string;
};

export type QueryMessage = {
  readonly kind: "query";
  readonly session: number;
  readonly queryVersion: number;
  readonly queryBody: string;
};

export type UploadMessage = {
  readonly kind: "upload";
  readonly session: number;
  readonly progressClientVersion: number;
  readonly progressServerVersion: number;
  readonly changesets: readonly UploadedChangeset[];
};

export type ClientMessage =
  | BindMessage
  | IdentMessage
  | QueryMessage
  | UploadMessage
  | { readonly kind: "mark"; readonly session: number; readonly request: number }
  | { readonly kind: "unbind"; readonly session: number }
  | { readonly kind: "error"; readonly session: number; readonly code: number; readonly body: string }
  | { readonly kind: "ping"; readonly timestampMs: number };

export type ParsedClientMessage =
  | ClientMessage
  /** `session` is 0 when the message did not say, or does not belong to one. */
  | { readonly kind: "malformed"; readonly session: number; readonly message: string };

class Malformed extends Error {}

export function parseClientMessage(frame: Uint8Array): ParsedClientMessage {
  const context = { session: 0 };
  try {
    return parseFrame(frame, context);
  } catch (error) {
    if (error instanceof Malformed) {
      return { kind: "malformed", session: context.session, message: error.message };
    }
    throw error;
  }
}

function parseFrame(frame: Uint8Array, context: { session: number }): ClientMessage {
  const newline = frame.subarray(0, limits.headerBytes).indexOf(0x0a);
  if (newline < 0) throw new Malformed("no header line");
  const [name = "", ...values] = asciiText(frame.subarray(0, newline)).split(" ");
  const body = frame.subarray(newline + 1);
  const head = new HeaderValues(name, values);

  if (name === "ping") {
    const timestampMs = head.integer();
    head.integer();
    head.end();
    noBody(name, body);
    return { kind: "ping", timestampMs };
  }
  if (name === "json_error") {
    const code = head.integer();
    const sizeBytes = head.size(limits.errorBytes);
    const session = head.session(context);
    head.end();
    return { kind: "error", session, code, body: utf8Text(exactly(body, sizeBytes, name)) };
  }

  if (!messageNames.has(name)) throw new Malformed(`unknown message "${name.slice(0, 32)}"`);
  const session = head.session(context);
  switch (name as "bind" | "ident" | "query" | "upload" | "mark" | "unbind") {
    case "bind": {
      const pathBytes = head.size(limits.pathBytes);
      const tokenBytes = head.size(limits.tokenBytes);
      const needsFileIdent = head.flag();
      if (head.flag()) throw new Malformed("bind as a subserver");
      head.end();
      exactly(body, pathBytes + tokenBytes, name);
      return { kind: "bind", session, path: utf8Text(body.subarray(0, pathBytes)), needsFileIdent };
    }
    case "ident": {
      const fileIdent = head.integer();
      const fileIdentSalt = head.salt();
      const downloadServerVersion = head.integer();
      const downloadClientVersion = head.integer();
      const latestServerVersion = head.integer();
      const latestServerVersionSalt = head.salt();
      const queryVersion = head.integer();
      const sizeBytes = head.size(limits.queryBytes);
      head.end();
      const queryBody = utf8Text(exactly(body, sizeBytes, name));
      return {
        kind: "ident",
        session,
        fileIdent,
        fileIdentSalt,
        downloadServerVersion,
        downloadClientVersion,
        latestServerVersion,
        latestServerVersionSalt,
        queryVersion,
        queryBody,
      };
    }
    case "query": {
      const queryVersion = head.integer();
      const sizeBytes = head.size(limits.queryBytes);
      head.end();
      return { kind: "query", session, queryVersion, queryBody: utf8Text(exactly(body, sizeBytes, name)) };
    }
    case "upload":
      return parseUpload(session, head, body);
    case "mark": {
      const request = head.integer();
      head.end();
      noBody(name, body);
      return { kind: "mark", session, request };
    }
    case "unbind":
      head.end();
      noBody(name, body);
      return { kind: "unbind", session };
  }
}

const messageNames = new Set(["bind", "ident", "query", "upload", "mark", "unbind"]);

function parseUpload(session: number, head: HeaderValues, body: Uint8Array): UploadMessage {
  const isCompressed = head.flag();
  const sizeBytes = head.size(limits.uploadBytes);
  const compressedSizeBytes = head.size(limits.uploadBytes);
  const progressClientVersion = head.integer();
  const progressServerVersion = head.integer();
  head.integer();
  head.end();
  const plain = isCompressed
    ? inflate(exactly(body, compressedSizeBytes, "upload"), sizeBytes)
    : exactly(body, sizeBytes, "upload");
  return {
    kind: "upload",
    session,
    progressClientVersion,
    progressServerVersion,
    changesets: [...uploadedChangesets(plain)],
  };
}

function* uploadedChangesets(body: Uint8Array): Generator<UploadedChangeset> {
  let offset = 0;
  const number = (): number => {
    const end = body.subarray(offset, offset + 24).indexOf(0x20);
    if (end < 0) throw new Malformed("changeset header without an end");
    const value = integerOf(asciiText(body.subarray(offset, offset + end)), "upload");
    offset += end + 1;
    return value;
  };
  while (offset < body.length) {
    const clientVersion = number();
    const serverVersion = number();
    const originTimestampMs = number();
    const originFileIdent = number();
    const sizeBytes = number();
    if (sizeBytes > body.length - offset) throw new Malformed("changeset is longer than its message");
    const bytes = body.subarray(offset, offset + sizeBytes);
    offset += sizeBytes;
    yield { clientVersion, serverVersion, originTimestampMs, originFileIdent, bytes };
  }
}

function inflate(compressed: Uint8Array, sizeBytes: number): Uint8Array {
  let plain: Uint8Array;
  try {
    plain = inflateSync(compressed, { maxOutputLength: Math.max(sizeBytes, 1) });
  } catch {
    throw new Malformed("upload body cannot be inflated to the size it claims");
  }
  return exactly(plain, sizeBytes, "inflated upload");
}

/** The values of a header line, taken one by one. */
class HeaderValues {
  readonly #name: string;
  readonly #values: readonly string[];
  #next = 0;

  constructor(name: string, values: readonly string[]) {
    this.#name = name;
    this.#values = values;
  }

  integer(): number {
    return integerOf(this.#text(), this.#name);
  }

  size(limitBytes: number): number {
    const size = this.integer();
    if (size > limitBytes)
      throw new Malformed(`${this.#name}: ${size} bytes exceed the limit of ${limitBytes}`);
    return size;
  }

  flag(): boolean {
    const text = this.#text();
    if (text !== "0" && text !== "1") throw new Malformed(`${this.#name}: a flag must be 0 or 1`);
    return text === "1";
  }

  salt(): string {
    const text = this.#text();
    if (!/^(0|[1-9]\d{0,18})$/.test(text)) throw new Malformed(`${this.#name}: bad salt`);
    return text;
  }

  session(context: { session: number }): number {
    const session = this.integer();
    if (session === 0) throw new Malformed(`${this.#name}: session 0`);
    context.session = session;
    return session;
  }

  end(): void {
    if (this.#next !== this.#values.length) throw new Malformed(`${this.#name}: too many header values`);
  }

  #text(): string {
    const text = this.#values[this.#next];
    if (text === undefined) throw new Malformed(`${this.#name}: too few header values`);
    this.#next += 1;
    return text;
  }
}

function integerOf(text: string, name: string): number {
  const value = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new Malformed(`${name}: bad number in header`);
  return value;
}

function exactly(body: Uint8Array, sizeBytes: number, name: string): Uint8Array {
  if (body.length !== sizeBytes) {
    throw new Malformed(`${name}: body of ${body.length} bytes, header says ${sizeBytes}`);
  }
  return body;
}

function noBody(name: string, body: Uint8Array): void {
  exactly(body, 0, name);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function utf8Text(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Malformed("text is not UTF-8");
  }
}

function asciiText(bytes: Uint8Array): string {
  for (const byte of bytes) {
    if (byte < 0x20 || byte > 0x7e) throw new Malformed("header line is not plain text");
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
