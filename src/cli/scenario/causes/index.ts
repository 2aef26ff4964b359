// All causes by the names that the command line takes.

import type { Cause } from "../cause";
import { destructive } from "./destructive";
import { offline } from "./offline";
import { restored } from "./restored";
import { schema } from "./schema";
import { terminated } from "./terminated";

export const causes = { restored, terminated, schema, offline, destructive } as const satisfies Record<
  string,
  Cause
>;

export type CauseName = keyof typeof causes;

export const causeNames = Object.keys(causes) as CauseName[];
