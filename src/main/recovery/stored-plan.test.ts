import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { plainSealing } from "../sealed-file";
import { openPlanStore, readStoredPlan, removeStoredPlan, type StoredPlan } from "./stored-plan";

const stored: StoredPlan = {
  resetId: "r1",
  startedAtMs: 1,
  plan: {
    strategy: "merge",
    steps: [],
    items: [],
    rolledBack: false,
    counts: { local: 1, remote: 1, created: 0, changed: 0, trashed: 0 },
  },
  revisions: {},
};

const newFile = () => join(mkdtempSync(join(tmpdir(), "perennial-plan-")), "plan.json");

describe("the plan of the recovery that this process carries out", () => {
  it("is on the disk, and is not read back from there", () => {
    const file = newFile();
    const plans = openPlanStore(file, plainSealing);
    plans.write(stored);
    expect(plans.read("r1")).toBe(stored);
    expect(readStoredPlan(file, "r1", plainSealing)).toEqual(stored);
  });

  it("is none for another reset", () => {
    const plans = openPlanStore(newFile(), plainSealing);
    plans.write(stored);
    expect(plans.read("r2")).toBeNull();
  });

  it("counts for nothing once its file is gone or is another, whoever did that", () => {
    const file = newFile();
    const plans = openPlanStore(file, plainSealing);
    plans.write(stored);
    writeFileSync(file, JSON.stringify({ ...stored, startedAtMs: 1_000 }));
    expect(plans.read("r1")?.startedAtMs).toBe(1_000);
    removeStoredPlan(file);
    expect(plans.read("r1")).toBeNull();
    plans.write(stored);
    plans.remove();
    expect(plans.read("r1")).toBeNull();
  });

  it("is read by the process after it", () => {
    const file = newFile();
    openPlanStore(file, plainSealing).write(stored);
    expect(openPlanStore(file, plainSealing).read("r1")).toEqual(stored);
  });
});
