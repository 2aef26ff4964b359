import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isBuildSource } from "./app-build.mjs";
import { isRecent } from "./electron-binary.mjs";
import { checkNodeVersion } from "./node-version.mjs";
import { isInstalled } from "./npm-packages.mjs";
import { exitCodes } from "./outcome.mjs";
import { explainResult, runCommand } from "./run-command.mjs";
import { hasScreen } from "./screen.mjs";
import { hashFiles, readStamp, writeStamp } from "./stamps.mjs";
import { adviseByHand } from "./system-packages.mjs";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "setup-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each(["20.19.0", "20.20.2", "22.0.0", "24.1.0"])("Node %s is new enough", (version) => {
  expect(checkNodeVersion(version).kind).toBe("ready");
});

test.each(["20.18.9", "18.20.4", "19.99.0"])("Node %s is too old, and the way out is named", (version) => {
  expect(checkNodeVersion(version)).toMatchObject({
    kind: "failed",
    exitCode: exitCodes.nodeVersion,
    missing: expect.stringContaining(version),
    wayOut: expect.stringContaining("nodejs.org"),
  });
});

const lock = {
  packages: {
    "": { version: "1.0.0" },
    "node_modules/a": { version: "1.0.0", integrity: "sha512-a" },
    "node_modules/b-win32": { version: "1.0.0", integrity: "sha512-b", optional: true },
  },
};
const installedA = { "node_modules/a": { version: "1.0.0", integrity: "sha512-a" } };

test("packages count as installed without those of other platforms", () => {
  expect(isInstalled(lock, { packages: installedA })).toBe(true);
});

test.each([
  ["is absent", {}],
  ["has another version", { "node_modules/a": { version: "1.0.1", integrity: "sha512-a" } }],
  ["has other contents", { "node_modules/a": { version: "1.0.0", integrity: "sha512-x" } }],
  ["is one too many", { ...installedA, "node_modules/c": { version: "1.0.0" } }],
])("packages have to be installed when one %s", (_what, packages) => {
  expect(isInstalled(lock, { packages })).toBe(false);
});

test("a failed fetch of Electron is remembered for a day, and not longer", () => {
  const now = Date.parse("2026-05-02T12:00:00Z");
  expect(isRecent(null, now)).toBe(false);
  expect(isRecent("2026-05-01T12:00:01Z", now)).toBe(true);
  expect(isRecent("2026-05-01T12:00:00Z", now)).toBe(false);
  expect(isRecent("nonsense", now)).toBe(false);
  expect(isRecent("2026-05-03T12:00:00Z", now)).toBe(false);
});

test("the hash of the sources changes with a content, a name and a new file, and not with what does not count", () => {
  mkdirSync(join(folder, "src/deep"), { recursive: true });
  writeFileSync(join(folder, "src/a.ts"), "1");
  writeFileSync(join(folder, "src/deep/b.ts"), "2");
  writeFileSync(join(folder, "package.json"), "{}");
  const hash = () => hashFiles(folder, ["src", "package.json", "absent"], isBuildSource);
  const first = hash();
  expect(hash()).toBe(first);

  writeFileSync(join(folder, "src/deep/b.test.ts"), "3");
  expect(hash()).toBe(first);
  const seen = new Set([first]);
  writeFileSync(join(folder, "src/deep/b.ts"), "22");
  seen.add(hash());
  writeFileSync(join(folder, "src/deep/c.ts"), "");
  seen.add(hash());
  rmSync(join(folder, "src/a.ts"));
  seen.add(hash());
  writeFileSync(join(folder, "package.json"), "{ }");
  seen.add(hash());
  expect(seen.size).toBe(5);
});

test("a stamp is read back, and is absent before", () => {
  const file = join(folder, "new", "stamp");
  expect(readStamp(file)).toBeNull();
  writeStamp(file, "seen");
  expect(readStamp(file)).toBe("seen");
});

test("a command's code and both its outputs are collected", async () => {
  const script = "console.log('out'); console.error('err'); process.exitCode = 3";
  const result = await runCommand(process.execPath, ["-e", script]);
  expect(result).toMatchObject({ kind: "exited", code: 3 });
  expect(result.output).toContain("out");
  expect(result.output).toContain("err");
});

test("a command past its time limit is ended with everything it started", async () => {
  // The sleeper in the background holds the output pipe: only its end lets the call return at all.
  const result = await runCommand("sh", ["-c", "sleep 600 & sleep 600"], { timeLimitMs: 300 });
  expect(result.kind).toBe("timed-out");
});

test("a command that does not exist is an answer and not an exception", async () => {
  expect((await runCommand("no-such-program-of-ours", [])).kind).toBe("not-started");
});

test("a failure is explained from its first error on, not by the usage text at the end", () => {
  const usage = Array.from({ length: 40 }, (_, at) => `npm error usage line ${at}`);
  const output = [
    "npm warn old",
    "npm error code EUSAGE",
    "npm error The lock is not in sync",
    ...usage,
  ].join("\n");
  const explanation = explainResult({ kind: "exited", code: 1, output });
  expect(explanation.split("\n").slice(0, 2)).toEqual([
    "it ended with code 1",
    "npm error The lock is not in sync",
  ]);
  expect(explanation).not.toContain("usage line 39");
});

test("a failure that names no error is explained by its last lines", () => {
  const output = Array.from({ length: 40 }, (_, at) => `line ${at}`).join("\n");
  expect(explainResult({ kind: "exited", code: 1, output })).toContain("line 39");
});

test("a screen is X or Wayland on Linux, and taken for granted elsewhere", () => {
  expect(hasScreen({}, "linux")).toBe(false);
  expect(hasScreen({ DISPLAY: ":0" }, "linux")).toBe(true);
  expect(hasScreen({ WAYLAND_DISPLAY: "wayland-0" }, "linux")).toBe(true);
  expect(hasScreen({}, "darwin")).toBe(true);
});

test("who may not install packages is told the exact command", () => {
  expect(adviseByHand(["cmake", "g++"])).toContain(
    "sudo apt-get update && sudo apt-get install --yes --no-install-recommends cmake g++",
  );
});
