/** Query text to tokens. Literals are values already here; what is no token at all is an error with its place. */
import type { Payload } from "../changeset";

export type Token =
  | { readonly kind: "symbol"; readonly text: string; readonly at: number }
  | { readonly kind: "word"; readonly text: string; readonly at: number }
  /** `%%user.id` and the like: stands for a value that the parser is told. */
  | { readonly kind: "expansion"; readonly text: string; readonly at: number }
  | { readonly kind: "literal"; readonly value: Payload; readonly at: number };

export class BadQuery extends Error {}

/** In the order in which they are tried; each is anchored where the last token ended. */
const blank = /[ \t\r\n]+/y;
const symbol = /\[c\]|==|=<|=>|<=|>=|!=|<>|&&|\|\||[=<>!(){},.[\]+\-*/$@:]/y;
const uuid = /uuid\(([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})\)/y;
const objectId = /oid\(([0-9a-fA-F]{24})\)/y;
const epochDate = /T([+-]?\d{1,18}):([+-]?\d{1,9})(?![\w.])/y;
const calendarDate = /(\d{4})-(\d{1,2})-(\d{1,2})[@T](\d{1,2}):(\d{1,2}):(\d{1,2})(?::(\d{1,9}))?(?![\w.])/y;
const base64 = /B64"([a-zA-Z0-9/+=]*)"/y;
const quoted = /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/y;
const float = /[+-]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?f?(?![\w.])/y;
const expansion = /%%[a-zA-Z]+(?:\.[a-zA-Z]+)*/y;
const infinity = /[+-]?(?:inf|infinity|nan)(?![\w$-])/iy;
const integer = /[+-]?\d+(?![\w.])/y;
const word = /[a-zA-Z_\u0080-\u{10ffff}](?:[a-zA-Z0-9_$-]|[\u0080-\u{10ffff}]|\\[ nrt])*/uy;

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  while (at < text.length) {
    const space = take(blank);
    if (space) {
      at += space[0].length;
      continue;
    }
    const found = literal(take) ?? nonLiteral(take);
    if (!found) throw new BadQuery(`unexpected character at position ${at + 1}`);
    tokens.push({ ...found.token, at });
    at += found.length;
  }
  return tokens;
}

type Take = (pattern: RegExp) => RegExpExecArray | null;
type Unplaced<T> = T extends Token ? Omit<T, "at"> : never;
type Found = { readonly token: Unplaced<Token>; readonly length: number };

function literal(take: Take): Found | undefined {
  const found = (match: RegExpExecArray, value: Payload): Found => ({
    token: { kind: "literal", value },
    length: match[0].length,
  });
  let match = take(uuid);
  if (match) return found(match, { kind: "uuid", value: match[1]!.toLowerCase() });
  match = take(objectId);
  if (match) return found(match, { kind: "objectId", value: match[1]!.toLowerCase() });
  match = take(epochDate);
  if (match) return found(match, timestamp(BigInt(match[1]!), Number(match[2]!)));
  match = take(calendarDate);
  if (match) return found(match, dateOf(match));
  match = take(base64);
  if (match)
    return found(match, { kind: "string", value: Buffer.from(match[1]!, "base64").toString("utf8") });
  match = take(quoted);
  if (match) return found(match, { kind: "string", value: unescaped(match[1] ?? match[2] ?? "") });
  match = take(infinity);
  if (match) return found(match, { kind: "double", value: specialNumber(match[0]) });
  match = take(float);
  if (match) return found(match, { kind: "double", value: Number(match[0].replace(/f$/, "")) });
  match = take(integer);
  if (match) return found(match, int(match[0]));
  return undefined;
}

function nonLiteral(take: Take): Found | undefined {
  const name = take(word);
  if (name) return { token: { kind: "word", text: name[0] }, length: name[0].length };
  const expanded = take(expansion);
  if (expanded) return { token: { kind: "expansion", text: expanded[0] }, length: expanded[0].length };
  const mark = take(symbol);
  return mark ? { token: { kind: "symbol", text: mark[0] }, length: mark[0].length } : undefined;
}

function int(text: string): Payload {
  const value = BigInt(text.replace(/^\+/, ""));
  if (BigInt.asIntN(64, value) !== value) throw new BadQuery("integer does not fit 64 bits");
  return { kind: "int", value };
}

function specialNumber(text: string): number {
  if (/nan$/i.test(text)) return Number.NaN;
  return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function timestamp(seconds: bigint, nanoseconds: number): Payload {
  if ((seconds < 0n && nanoseconds > 0) || (seconds > 0n && nanoseconds < 0)) {
    throw new BadQuery("seconds and nanoseconds of a date have opposite signs");
  }
  return { kind: "timestamp", seconds, nanoseconds };
}

function dateOf(match: RegExpExecArray): Payload {
  const part = (index: number): number => Number(match[index]);
  const ms = Date.UTC(part(1), part(2) - 1, part(3), part(4), part(5), part(6));
  if (new Date(ms).getUTCDate() !== part(3) || part(2) > 12) throw new BadQuery("no such date");
  const seconds = BigInt(ms / 1000);
  const nanoseconds = match[7] === undefined ? 0 : part(7);
  // The fraction counts forwards in time, while before 1970 both parts of a timestamp count backwards.
  return seconds < 0n && nanoseconds > 0
    ? timestamp(seconds + 1n, nanoseconds - 1_000_000_000)
    : timestamp(seconds, nanoseconds);
}

const escapes: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  0: "\0",
};

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code: string | undefined, character: string) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    if (character in escapes) return escapes[character]!;
    if (/["'/\\]/.test(character)) return character;
    throw new BadQuery(`unknown escape \\${character}`);
  });
}
