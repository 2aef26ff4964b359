import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { knownSeeds } from "./known-seeds";

const tsx = resolve(createRequire(import.meta.url).resolve("tsx/package.json"), "../dist/cli.mjs");
const program = resolve(import.meta.dirname, "../proof.ts");

type Ran = { readonly code: number; readonly last: string; readonly errors: string };

function run(...args: string[]): Promise<Ran> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [tsx, program, ...args],
      { maxBuffer: 1e8 },
      (_error, out, errors) => {
        done({ code: child.exitCode ?? -1, last: out.trimEnd().split("\n").at(-1) ?? "", errors });
      },
    );
  });
}

describe("machines that try to lose notes", { timeout: 600_000 }, () => {
  it("find nothing in simulated worlds, each of which comes to the same twice", async () => {
    const { code, last, errors } = await run("--tier", "fast", "--seeds", "300", "--json");
    expect(errors).not.toContain("seed ");
    const result = JSON.parse(last) as { counts: Record<string, number> };
    expect(result).toMatchObject({ seeds: 300, violations: 0, byOracle: {} });
    expect(result.counts.writtenInDownloadOnline).toBeGreaterThan(0);
    expect(result.counts.writtenLater).toBeGreaterThan(0);
    expect(code).toBe(0);
  });

  it("find nothing in the worlds in which they found something once", async () => {
    const { code, last, errors } = await run("--tier", "fast", "--known", "--once", "--json");
    expect(errors).not.toContain("seed ");
    const result = JSON.parse(last) as { seeds: number; violations: number };
    expect(result).toMatchObject({ seeds: 2 * Object.values(knownSeeds).flat().length, violations: 0 });
    expect(code).toBe(0);
  });

  it("find nothing when a recovery dies at each of its operations", async () => {
    const { code, last, errors } = await run("--tier", "fast", "--crash-points", "--seeds", "1", "--json");
    expect(errors).not.toContain("seed ");
    const result = JSON.parse(last) as { crashPoints: number; violations: number };
    expect(result.violations).toBe(0);
    expect(result.crashPoints).toBeGreaterThan(500);
    expect(code).toBe(0);
  });

  it("find nothing with real clients, a real server and SIGKILL", async () => {
    const { code, last, errors } = await run("--tier", "slow", "--seeds", "5", "--workers", "2", "--json");
    expect(errors).not.toContain("seed ");
    expect(JSON.parse(last)).toMatchObject({ seeds: 5, violations: 0, byOracle: {} });
    expect(code).toBe(0);
  });

  it("notice flaws that are planted", async () => {
    for (const flaw of ["F3", "F7", "F12", "F13", "F25", "F30", "F32", "tail"]) {
      const { code, last } = await run("--mutations", "--only", flaw, "--json");
      const { results } = JSON.parse(last) as { results: { noticedBy: string[] }[] };
      expect([flaw, results[0]?.noticedBy.length]).not.toEqual([flaw, 0]);
      expect(code).toBe(0);
    }
  });

  it("say what is wrong with their arguments", async () => {
    expect(await run("--tier", "medium")).toMatchObject({ code: 2 });
    expect(await run("--seeds", "none")).toMatchObject({ code: 2 });
  });
});
