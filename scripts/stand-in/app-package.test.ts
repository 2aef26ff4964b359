import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readAppPackage } from "./app-package";

let folder: string;
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stand-in-package-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("a folder is told by its package.json, the product's name first", () => {
  write("main.cjs", "");
  write(
    "package.json",
    '{ "name": "notes", "productName": "Notes", "version": "1.2.3", "main": "main.cjs" }',
  );
  expect(readAppPackage(folder, "45.0.0")).toEqual({
    folder,
    main: join(folder, "main.cjs"),
    name: "Notes",
    version: "1.2.3",
  });
});

test("a bare script has Electron's own name and version", () => {
  write("script.js", "");
  const script = join(folder, "script.js");
  expect(readAppPackage(script, "45.0.0")).toEqual({
    folder,
    main: script,
    name: "Electron",
    version: "45.0.0",
  });
});

test.each([
  ["{}", "does not exist. Is the app built?"],
  ['{ "main": "main.mjs" }', "CommonJS only"],
  ['{ "main": "main.js", "type": "module" }', "CommonJS only"],
])("a folder whose package.json is %s is refused: %s", (manifest, message) => {
  write("main.mjs", "");
  write("main.js", "");
  write("package.json", manifest);
  expect(() => readAppPackage(folder, "45.0.0")).toThrow(message);
});

test("a place without an app is refused", () => {
  expect(() => readAppPackage(folder, "45.0.0")).toThrow("There is no package.json");
  expect(() => readAppPackage(join(folder, "none"), "45.0.0")).toThrow("There is no app at");
});
