// The reset record on disk: the state machine's state, written whole and forced to the disk at every step,
// because the next thing that happens may be a crash.

import { renameSync } from "node:fs";
import { z } from "zod";
import { resetCauses } from "../../shared/recovery/plan-types";
import { type ResetState, stopReasons } from "../../shared/reset-machine";
import { readJson, writeDurably } from "../durable-file";

const facts = z.strictObject({
  resetId: z.string(),
  cause: z.enum(resetCauses),
  code: z.number(),
  serverMessage: z.string(),
  userId: z.string(),
  generation: z.string(),
  originalPath: z.string(),
  foundAtMs: z.number(),
  order: z.enum(["realm", "own"]),
  moved: z.boolean(),
  resetsToday: z.number(),
  halvings: z.number(),
});
const copy = z.strictObject({ name: z.string(), atMs: z.number(), notes: z.number() });
const held = { facts, copy };

const resetState = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("idle") }),
  z.strictObject({ kind: z.literal("protecting"), facts }),
  z.strictObject({
    kind: z.literal("copy-failed"),
    facts,
    message: z.string(),
    bytesNeeded: z.number().nullable(),
  }),
  z.strictObject({ kind: z.literal("prompting"), ...held }),
  z.strictObject({ kind: z.literal("postponed"), ...held }),
  z.strictObject({ kind: z.literal("restarting"), ...held }),
  z.strictObject({ kind: z.literal("securing"), facts, copy: copy.nullable() }),
  z.strictObject({ kind: z.literal("resetting"), ...held }),
  z.strictObject({ kind: z.literal("downloading"), ...held }),
  z.strictObject({ kind: z.literal("planning"), ...held }),
  z.strictObject({ kind: z.literal("reviewing"), ...held }),
  z.strictObject({ kind: z.literal("applying"), ...held }),
  z.strictObject({ kind: z.literal("checking"), ...held }),
  z.strictObject({ kind: z.literal("uploading"), ...held }),
  z.strictObject({ kind: z.literal("reporting"), ...held }),
  z.strictObject({
    kind: z.literal("stopped"),
    ...held,
    why: z.enum(stopReasons),
    message: z.string(),
  }),
]);

export type ReadRecord =
  | { readonly kind: "ok"; readonly state: ResetState }
  /** The file is there but cannot be understood; it was set aside under the given name. */
  | { readonly kind: "damaged"; readonly setAside: string; readonly message: string };

export function readResetRecord(file: string): ReadRecord {
  const read = readJson(file);
  if (read.kind === "absent") return { kind: "ok", state: { kind: "idle" } };
  const parsed = read.kind === "ok" ? resetState.safeParse(read.value) : null;
  if (parsed?.success) return { kind: "ok", state: parsed.data };
  const message = read.kind === "unreadable" ? read.message : (parsed?.error.message ?? "");
  const setAside = `${file}.damaged-${process.pid}-${process.hrtime.bigint()}`;
  renameSync(file, setAside);
  return { kind: "damaged", setAside, message };
}

export function writeResetRecord(file: string, state: ResetState): void {
  writeDurably(file, `${JSON.stringify(state)}\n`);
}
