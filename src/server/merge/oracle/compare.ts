/**
 * Says how our merge of a pair differs from the oracle's. Results are compared byte for byte after both went through
 * our encoder: realm-core numbers interned strings by its own history, which carries no meaning.
 */
import { encodeChangeset, type Instruction, type Payload, parseChangeset } from "../../changeset";
import { type MergeChangeset, type TransformResult, transformChangesets } from "../transform";
import type { OracleAnswer, OracleChangeset } from "./oracle-process";
import { instructionsOf, type Pair } from "./pair";

export type Comparison =
  | { readonly kind: "merged"; readonly isChanged: boolean }
  | { readonly kind: "conflict"; readonly cause: "schema" | "inconsistent" }
  | { readonly kind: "mismatch"; readonly difference: string };

/** The same pair, seen by the other peer. */
export function swapRoles({ ours, theirs }: Pair): Pair {
  return { ours: theirs, theirs: ours };
}

export function compare(pair: Pair, answer: OracleAnswer): Comparison {
  const result = transformChangesets(pair.ours, pair.theirs);
  if (result.kind === "conflict") {
    return refusalOf(answer) === result.cause
      ? { kind: "conflict", cause: result.cause }
      : mismatch(`we refuse (${result.message}), the oracle says ${wording(answer)}`);
  }
  if (answer.kind !== "merged") return mismatch(`we merge, the oracle says ${wording(answer)}`);
  const difference =
    differenceIn("ours", result.ours, answer.ours) ??
    differenceIn("theirs", result.theirs, answer.theirs) ??
    differenceOfChanges(pair, result, answer);
  if (difference !== null) return mismatch(difference);
  return { kind: "merged", isChanged: [...result.changedOurs, ...result.changedTheirs].includes(true) };
}

function mismatch(difference: string): Comparison {
  return { kind: "mismatch", difference };
}

/** What dies or throws anything but its own error had inconsistent input, which only we notice in time. */
function refusalOf(answer: OracleAnswer): "schema" | "inconsistent" | null {
  if (answer.kind === "merged" || (answer.kind === "refused" && answer.reason === "unreadable")) return null;
  return answer.kind === "refused" && answer.reason === "schema" ? "schema" : "inconsistent";
}

function wording(answer: OracleAnswer): string {
  return answer.kind === "refused" ? `${answer.reason}: ${answer.message}` : answer.kind;
}

function differenceIn(
  side: string,
  mine: readonly MergeChangeset[],
  oracles: readonly OracleChangeset[],
): string | null {
  for (const [i, { instructions }] of mine.entries()) {
    const parsed = parseChangeset(oracles[i]!.bytes);
    if (parsed.kind === "malformed")
      return `${side}[${i}]: the oracle's result is malformed: ${parsed.message}`;
    if (!sameBytes(encodeChangeset(instructions), encodeChangeset(parsed.instructions))) {
      return `${side}[${i}]: we have\n${listing(instructions)}\nthe oracle has\n${listing(parsed.instructions)}`;
    }
  }
  return null;
}

function differenceOfChanges(
  pair: Pair,
  result: Extract<TransformResult, { kind: "ok" }>,
  answer: Extract<OracleAnswer, { kind: "merged" }>,
): string | null {
  const mine = [...result.changedOurs, ...result.changedTheirs];
  const oracles = [...answer.ours, ...answer.theirs].map(({ isDirty }) => isDirty);
  // To realm-core, an instruction with a NaN differs from itself, so it takes it for changed by any merge.
  const mayBeOverstated = instructionsOf(pair).some(carriesNaN);
  const agrees = mine.every((isChanged, i) => isChanged === oracles[i] || (mayBeOverstated && oracles[i]));
  return agrees ? null : `changed: we say ${mine.join()}, the oracle says ${oracles.join()}`;
}

function carriesNaN(instruction: Instruction): boolean {
  if (!("value" in instruction) || typeof instruction.value === "bigint") return false;
  const value: Payload = instruction.value;
  if (value.kind === "decimal128") return (value.bytes[15]! & 0x7c) === 0x7c;
  return (value.kind === "float" || value.kind === "double") && Number.isNaN(value.value);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

export function listing(instructions: readonly Instruction[]): string {
  if (instructions.length === 0) return "  (nothing)";
  const plain = (_: string, value: unknown) =>
    typeof value === "bigint"
      ? `${value}n`
      : value instanceof Uint8Array
        ? Buffer.from(value).toString("hex")
        : value;
  return instructions.map((instruction) => `  ${JSON.stringify(instruction, plain)}`).join("\n");
}
