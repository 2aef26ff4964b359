import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findRuntime, resolveRuntime } from "./runtime.mjs";

let projectFolder: string;

beforeEach(() => {
  projectFolder = mkdtempSync(join(tmpdir(), "runtime-"));
  put("node_modules/electron/package.json", JSON.stringify({ version: "45.4.1" }));
});
afterEach(() => rmSync(projectFolder, { recursive: true }));

function put(path: string, content = ""): string {
  const file = join(projectFolder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

function find(environment: Record<string, string> = {}, platform: NodeJS.Platform = "linux") {
  return findRuntime({ environment, projectFolder, platform });
}

test("Electron's binary in node_modules is used before the stand-in", () => {
  put("scripts/stand-in/electron");
  const executable = put("node_modules/electron/dist/electron");
  put("node_modules/electron/dist/version", "45.4.1");
  expect(find()).toMatchObject({ kind: "electron", executable, version: "45.4.1" });
});

test("without a binary the stand-in runs, with the version of the installed package", () => {
  const executable = put("scripts/stand-in/electron");
  expect(find()).toMatchObject({ kind: "stand-in", executable, version: "45.4.1" });
});

test("what setup puts in place of the binary is not taken for Electron", () => {
  put("scripts/stand-in/electron");
  put("node_modules/electron/dist/electron", "#!/bin/sh\n");
  expect(find().kind).toBe("stand-in");
});

test("ELECTRON_OVERRIDE_DIST_PATH wins over node_modules", () => {
  put("node_modules/electron/dist/electron");
  put("node_modules/electron/dist/version", "45.4.1");
  const executable = put("elsewhere/electron");
  put("elsewhere/version", "v44.0.0");
  expect(find({ ELECTRON_OVERRIDE_DIST_PATH: dirname(executable) })).toMatchObject({
    kind: "electron",
    executable,
    version: "44.0.0",
  });
});

test("an ELECTRON_OVERRIDE_DIST_PATH that holds no Electron is passed over", () => {
  put("scripts/stand-in/electron");
  expect(find({ ELECTRON_OVERRIDE_DIST_PATH: "not-used" }).kind).toBe("stand-in");
});

test("PERENNIAL_RUNTIME can ask for the stand-in though Electron is there", () => {
  put("scripts/stand-in/electron");
  put("node_modules/electron/dist/electron");
  put("node_modules/electron/dist/version", "45.4.1");
  expect(find({ PERENNIAL_RUNTIME: "stand-in" }).kind).toBe("stand-in");
});

test("PERENNIAL_RUNTIME=electron never falls back", () => {
  put("scripts/stand-in/electron");
  expect(find({ PERENNIAL_RUNTIME: "electron" }).kind).toBe("none");
});

test("a misspelt PERENNIAL_RUNTIME is refused and not guessed", () => {
  put("scripts/stand-in/electron");
  const search = find({ PERENNIAL_RUNTIME: "standin" });
  expect(search).toMatchObject({ kind: "none", why: expect.stringContaining('"standin"') });
});

test("on macOS the binary lies inside its application bundle", () => {
  const executable = put("node_modules/electron/dist/Electron.app/Contents/MacOS/Electron");
  put("node_modules/electron/dist/version", "45.4.1");
  expect(find({}, "darwin")).toMatchObject({ kind: "electron", executable });
});

test("on Windows there is no stand-in", () => {
  put("scripts/stand-in/electron");
  expect(find({}, "win32").kind).toBe("none");
});

test("a caller that cannot go on without a runtime gets an error that names the way out", () => {
  expect(() => resolveRuntime({ environment: {}, projectFolder, platform: "linux" })).toThrow(
    /npm run setup/,
  );
});
