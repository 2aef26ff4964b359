/**
 * A device that says what a real one says, with mistakes: bytes changed, cut, doubled, sizes that lie, numbers beyond
 * all bounds, messages in the wrong order, changesets that make no sense, bodies that inflate to far more than they
 * are. Everything follows from its seed.
 */
import { deflateSync } from "node:zlib";
import { encodeChangeset } from "../changeset";
import { instructionsOf, pairOf } from "../merge/oracle/pair";
import type { Random } from "./random";
import { type JoinedFile, joinWithNewFile, type RawClient } from "./raw-client";

type Frame = Buffer;

const strangeNumbers = [
  "0",
  "-1",
  "1",
  "2",
  "4294967296",
  "9007199254740991",
  "9007199254740993",
  "9223372036854775807",
  "18446744073709551616",
  "1e9",
  "0x10",
  "",
  " ",
  "NaN",
  "٣",
] as const;

/** Joins or does not join first, and then sends a few frames of which most are wrong. */
export async function misbehave(client: RawClient, random: Random): Promise<void> {
  let known: JoinedFile = { ident: "2 1", version: 1 };
  if (random.chance(0.7)) known = await joinWithNewFile(client);
  for (let frames = 1 + random.below(8); frames > 0 && !client.isClosed; frames--) {
    if (random.chance(0.05)) {
      client.sendBytes(brokenWebSocketFrame(random));
      return;
    }
    const frame = plausibleFrame(random, known);
    const times = random.chance(0.1) ? 2 : 1;
    const sent = random.chance(0.75) ? mutated(random, frame) : frame;
    for (let i = 0; i < times; i++) client.sendFrame(random.chance(0.03) ? "text" : "binary", sent);
  }
}

function plausibleFrame(random: Random, { ident: file, version }: JoinedFile): Frame {
  const session = random.chance(0.9) ? 1 : 1 + random.below(3);
  switch (random.below(9)) {
    case 0:
      return frame(`bind ${session} 1 0 ${random.below(2)} 0`, "p");
    case 1:
      return frame(`ident ${session} ${file} ${version} 0 ${version} 1 0 2`, "{}");
    case 2: {
      const query = JSON.stringify({ [random.chance(0.5) ? "Plant" : "Ä"]: queryText(random) });
      return frame(`query ${session} ${random.below(4)} ${Buffer.byteLength(query)}`, query);
    }
    case 3:
      return frame(`mark ${session} ${random.below(10)}`);
    case 4:
      return frame(`ping ${random.below(1000)} 0`);
    case 5:
      return random.chance(0.3) ? frame(`unbind ${session}`) : frame(`json_error 112 2 ${session}`, "{}");
    case 6:
      return bomb(random, session, version);
    default:
      return upload(random, session, version);
  }
}

function queryText(random: Random): string {
  const parts = [
    "TRUEPREDICATE",
    "name == $0",
    "(((",
    "a.b.c == 1",
    "x IN {1,2",
    "NOT NOT",
    '"',
    "\u0000",
    "a LIKE '*'",
  ];
  return Array.from({ length: 1 + random.below(4) }, () => random.pick(parts)).join(" AND ");
}

/** Changesets that belong to other schemas and other histories than this server's. */
function upload(random: Random, session: number, version: number): Frame {
  const bytes = encodeChangeset(instructionsOf(pairOf(random.below(1_000_000))));
  const changed = random.chance(0.5) ? flipped(random, Buffer.from(bytes)) : Buffer.from(bytes);
  const clientVersion = 2 + random.below(5);
  const base = Math.max(0, version - random.below(3));
  const head = `${clientVersion} ${base} 1000 0 ${changed.length} `;
  const body = Buffer.concat([Buffer.from(head), changed]);
  if (random.chance(0.5)) {
    return frame(`upload ${session} 0 ${body.length} 0 ${clientVersion} ${base} 0`, body);
  }
  const packed = deflateSync(body);
  return frame(`upload ${session} 1 ${body.length} ${packed.length} ${clientVersion} ${base} 0`, packed);
}

/** Inflates to as much as an upload may have, or to more, or to more than it says. */
function bomb(random: Random, session: number, version: number): Frame {
  const megabytes = random.pick([1, 32, 200]) ?? 1;
  const packed = deflateSync(Buffer.alloc(megabytes * 1024 * 1024), { level: 1 });
  const claimed = random.pick([1000, megabytes * 1024 * 1024, 2 ** 40]) ?? 1000;
  return frame(`upload ${session} 1 ${claimed} ${packed.length} 3 ${version} 0`, packed);
}

function mutated(random: Random, original: Frame): Frame {
  const bytes = Buffer.from(original);
  switch (random.below(6)) {
    case 0:
      return flipped(random, bytes);
    case 1:
      return bytes.subarray(0, random.below(bytes.length + 1));
    case 2:
      return Buffer.concat([bytes, Buffer.alloc(random.below(200), random.below(256))]);
    case 3: {
      const at = random.below(bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.below(bytes.length + 1))]);
    }
    default:
      return withStrangeNumber(random, bytes);
  }
}

function flipped(random: Random, bytes: Buffer): Buffer {
  for (let times = 1 + random.below(4); times > 0 && bytes.length > 0; times--) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  }
  return bytes;
}

function withStrangeNumber(random: Random, bytes: Buffer): Buffer {
  const end = bytes.indexOf(0x0a);
  const words = bytes.subarray(0, end).toString("latin1").split(" ");
  words[1 + random.below(Math.max(1, words.length - 1))] = random.pick(strangeNumbers) ?? "";
  return Buffer.concat([Buffer.from(words.join(" ")), bytes.subarray(end)]);
}

/** What is no WebSocket frame, or announces one that never comes. */
function brokenWebSocketFrame(random: Random): Buffer {
  switch (random.below(5)) {
    case 0: {
      // A length of many terabytes.
      const head = Buffer.from([0x82, 0xff, 0, 0, 0x10, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
      return Buffer.concat([head, Buffer.alloc(100, 7)]);
    }
    case 1:
      // Not masked, as every client's frame must be.
      return Buffer.from([0x82, 0x03, 1, 2, 3]);
    case 2:
      // A reserved kind of frame.
      return Buffer.from([0x8b, 0x80, 0, 0, 0, 0]);
    case 3:
      // The beginning of a message whose end does not come.
      return Buffer.from([0x02, 0x81, 0, 0, 0, 0, 0x61]);
    default:
      return Buffer.from(Array.from({ length: 64 }, () => random.below(256)));
  }
}

function frame(head: string, body: Uint8Array | string = ""): Frame {
  return Buffer.concat([Buffer.from(`${head}\n`), Buffer.from(body)]);
}
