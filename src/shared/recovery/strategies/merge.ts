// Strategy `merge`, the default and Perennial's own: a three-way merge of every field over the edit journal, with
// evidence of what the server lost, one parent for each note and a copy where both sides' words cannot stand
// together. It is the work of plan.ts, plan-again.ts, field-decisions.ts and place-plan.ts; here it takes its place among the others.

import { planAgain } from "../plan-again";
import type { Strategy } from "./strategy";

export const merge: Strategy = planAgain;
