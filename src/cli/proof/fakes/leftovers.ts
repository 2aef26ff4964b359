// Stands for src/main/realm/leftovers.ts: a simulated realm has no fields that this version does not know.

import type * as real from "../../../main/realm/leftovers";

export const readLeftovers: typeof real.readLeftovers = () => null;

export const notIn: typeof real.notIn = (_elsewhere, found) => found;

({ readLeftovers, notIn }) satisfies typeof real;
