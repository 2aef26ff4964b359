/**
 * Talks to the oracle program (oracle.cpp, which describes the protocol): sends requests, gives answers in order.
 * Knows nothing of what is right.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { encodeChangeset } from "../../changeset";
import type { MergeChangeset } from "../transform";
import type { Pair } from "./pair";

export type OracleChangeset = { readonly isDirty: boolean; readonly bytes: Uint8Array };

export type OracleAnswer =
  | { readonly kind: "merged"; readonly ours: OracleChangeset[]; readonly theirs: OracleChangeset[] }
  | {
      readonly kind: "refused";
      readonly reason: "schema" | "inconsistent" | "unreadable" | "other";
      readonly message: string;
    }
  /** The program died of this request, as an assertion or an exception out of a noexcept function makes it. */
  | { readonly kind: "died" };

export class OracleProcess {
  readonly #program: string;
  #child: Child;
  #output: AsyncIterator<Buffer>;
  #received: Buffer = Buffer.alloc(0);

  constructor(program: string) {
    this.#program = program;
    this.#child = start(program);
    this.#output = this.#child.stdout[Symbol.asyncIterator]();
  }

  /** Answers in the order of the pairs; `ours` and `theirs` in the roles they have there. */
  async merge(pairs: readonly Pair[], strings: "shared" | "apart" = "shared"): Promise<OracleAnswer[]> {
    const answers: OracleAnswer[] = [];
    while (answers.length < pairs.length) {
      const rest = pairs.slice(answers.length);
      const child = this.#child;
      child.stdin.write(Buffer.concat(rest.map((pair) => request(pair, strings))));
      for (const pair of rest) {
        const body = await this.#nextRecord();
        if (body === null) {
          answers.push({ kind: "died" });
          this.#received = Buffer.alloc(0);
          this.#child = start(this.#program);
          this.#output = this.#child.stdout[Symbol.asyncIterator]();
          break;
        }
        answers.push(readAnswer(body, pair));
      }
    }
    return answers;
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
  }

  async #nextRecord(): Promise<Buffer | null> {
    for (;;) {
      if (this.#received.length >= 4) {
        const end = 4 + this.#received.readUInt32LE(0);
        if (this.#received.length >= end) {
          const body = this.#received.subarray(4, end);
          this.#received = this.#received.subarray(end);
          return body;
        }
      }
      const next = await this.#output.next();
      if (next.done) return null;
      this.#received = Buffer.concat([this.#received, next.value]);
    }
  }
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

function start(program: string): Child {
  const child = spawn(program, { stdio: ["pipe", "pipe", "ignore"] });
  // A dead program shows at the reading end; writing to it is then of no consequence.
  child.stdin.on("error", () => {});
  return child;
}

function request(pair: Pair, strings: "shared" | "apart"): Buffer {
  const body = Buffer.concat([
    Buffer.of(strings === "shared" ? 1 : 0),
    ...writeSequence(pair.ours),
    ...writeSequence(pair.theirs),
  ]);
  return Buffer.concat([uint32(body.length), body]);
}

function writeSequence(sequence: readonly MergeChangeset[]): Buffer[] {
  return [
    uint32(sequence.length),
    ...sequence.flatMap((changeset) => {
      const bytes = encodeChangeset(changeset.instructions);
      const head = Buffer.alloc(36);
      head.writeBigUInt64LE(BigInt(changeset.version), 0);
      head.writeBigUInt64LE(BigInt(changeset.lastIntegratedRemoteVersion), 8);
      head.writeBigUInt64LE(BigInt(changeset.originTimestampMs), 16);
      head.writeBigUInt64LE(BigInt(changeset.originFileIdent), 24);
      head.writeUInt32LE(bytes.length, 32);
      return [head, Buffer.from(bytes)];
    }),
  ];
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

const refusals = [null, "schema", "inconsistent", "unreadable", "other"] as const;

function readAnswer(body: Buffer, pair: Pair): OracleAnswer {
  let at = 0;
  const status = body.readUInt8(at++);
  const block = (): Uint8Array => {
    const size = body.readUInt32LE(at);
    at += 4 + size;
    return Uint8Array.from(body.subarray(at - size, at));
  };
  if (status === 0) {
    const changeset = (): OracleChangeset => ({ isDirty: body.readUInt8(at++) !== 0, bytes: block() });
    return { kind: "merged", ours: pair.ours.map(changeset), theirs: pair.theirs.map(changeset) };
  }
  const reason = refusals[status];
  if (reason === null || reason === undefined) throw new Error(`unknown status ${status} from the oracle`);
  return { kind: "refused", reason, message: new TextDecoder().decode(block()) };
}
