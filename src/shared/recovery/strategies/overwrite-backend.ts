// Strategy `overwrite-backend`, 'overwrite the entire backend with the backup state' of the guides: every object of the
// backup is upserted, without asking when it was written or by whom. Nothing is removed.

import type { Strategy } from "./strategy";
import { planWriteOver } from "./write-over";

export const overwriteBackend: Strategy = (input) => planWriteOver("overwrite-backend", input, input.local);
