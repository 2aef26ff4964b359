import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const program = join(import.meta.dirname, "..", "..", "out", "node", "scenario.cjs");
const run = promisify(execFile);

/** Exit code and output, whatever the code. */
async function scenario(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, ...(await run(process.execPath, [program, ...args])) };
  } catch (error) {
    return error as { code: number; stdout: string; stderr: string };
  }
}

const nothingWrong = {
  strategy: "merge",
  lost: 0,
  overwritten: 0,
  resurrected: 0,
  orphans: 0,
  duplicates: 0,
  converged: true,
};

describe("the scenario", () => {
  const restored = { code: expect.toBeOneOf([209, 211]), action: "ClientReset" };
  const terminated = { code: 208, action: "ClientReset" };
  it.each([
    // What the laptop and the phone are told, and what the laptop calls it.
    ["restored", restored, restored, "restored"],
    ["terminated", terminated, terminated, "terminated"],
    ["schema", { code: 225, action: "ClientReset" }, null, "schema"],
    ["offline", { code: 222, action: "ClientReset" }, null, "offline-too-long"],
    ["destructive", terminated, terminated, "schema"],
  ])(
    "finds every word of both clients when the cause is '%s'",
    async (cause, laptop, phone, clientCause) => {
      const { code, stdout, stderr } = await scenario("--cause", cause, "--notes", "40", "--json");
      expect(code, stderr).toBe(0);
      const result = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
      expect(result).toMatchObject({ ...nothingWrong, ...laptop, cause, clientCause, phone, notes: 40 });
      expect(result.edits).toBeGreaterThan(30);
    },
    120_000,
  );

  it("finds them when the first client is killed while it puts its changes back", async () => {
    const { code, stdout, stderr } = await scenario(
      "--notes",
      "40",
      "--seed",
      "2",
      "--crash-at",
      "applying",
      "--json",
    );
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({ ...nothingWrong, kills: 1 });
  }, 120_000);

  it("does not discard after a destructive schema change, though that was chosen", async () => {
    const { code, stdout, stderr } = await scenario(
      ...["--cause", "destructive", "--strategy", "discard", "--notes", "30", "--seed", "2", "--json"],
    );
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({
      ...nothingWrong,
      strategy: "discard",
    });
  }, 120_000);

  it("says what is lost where a strategy is chosen that loses something", async () => {
    const { code, stdout } = await scenario(
      "--strategy",
      "discard",
      "--notes",
      "30",
      "--seed",
      "2",
      "--json",
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "").lost).toBeGreaterThan(0);
  }, 120_000);

  it.each([
    [["--cause", "moonlight"], "moonlight"],
    [["--strategy", "magic"], "track-objects"],
    [["--notes", "few"], "--notes takes a whole number"],
    [["--crash-at", "dawn"], "--crash-at dawn: there are protecting"],
    [["--sed", "1"], "--sed"],
  ])("refuses %j with exit code 2 and says what was wrong", async (args, words) => {
    const { code, stderr } = await scenario(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });
});
