// Trees that no person would plant, small enough for every day: real clients, a real server, a real reset.

import { expect, it } from "vitest";
import { recoverTree } from "./odd-tree";

const patientMs = 300_000;

it(
  "a chain of 2,000 notes is recovered with every word, and hangs under the root as before",
  async () => {
    const recovered = await recoverTree({ notes: 2_000, edits: 200, seed: 1, shape: "chain" }, 0, null, true);
    expect(recovered.before.depth).toBeGreaterThanOrEqual(2_000);
    expect(recovered.run.missing).toBe(0);
    expect(recovered.missingWhenUsable).toBe(0);
    expect(recovered.after).toEqual(recovered.before);
    expect(recovered.run.answered).toBeGreaterThan(0);
  },
  patientMs,
);

it(
  "a backup with rings in it, and others that the recovery would close, end in a tree without any, with every word",
  async () => {
    const recovered = await recoverTree({ notes: 400, edits: 40, seed: 1, shape: "cycle" }, 0, null, true);
    expect(recovered.before).toMatchObject({ rings: 7 });
    expect(recovered.before.unreachable).toBeGreaterThan(50);
    expect(recovered.run.missing).toBe(0);
    expect(recovered.missingWhenUsable).toBe(0);
    expect(recovered.after).toMatchObject({ rings: 0, unreachable: 0 });
    expect(recovered.after.recovered).toBeGreaterThan(0);
  },
  patientMs,
);
