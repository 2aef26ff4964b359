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
  cause: "restored",
  strategy: "merge",
  lost: 0,
  overwritten: 0,
  resurrected: 0,
  orphans: 0,
  duplicates: 0,
  converged: true,
};

describe("the scenario", () => {
  it("finds every word of both clients after the server went back in time", async () => {
    const { code, stdout, stderr } = await scenario("--notes", "60", "--seed", "1", "--json");
    expect(code, stderr).toBe(0);
    const result = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    expect(result).toMatchObject({ ...nothingWrong, notes: 60 });
    expect(result.edits).toBeGreaterThan(30);
  }, 120_000);

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

  it.each([
    [["--cause", "moonlight"], "moonlight"],
    [["--notes", "few"], "--notes takes a whole number"],
    [["--sed", "1"], "--sed"],
  ])("refuses %j with exit code 2 and says what was wrong", async (args, words) => {
    const { code, stderr } = await scenario(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
  });
});
