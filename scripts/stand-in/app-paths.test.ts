import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { defaultPaths } from "./app-paths";

let home: string;
const pathsWith = (environment: NodeJS.ProcessEnv, userData?: string) =>
  defaultPaths({ name: "Notes", executable: "/e", environment: { HOME: home, ...environment }, userData });

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "stand-in-home-"));
});

afterEach(() => {
  rmSync(home, { recursive: true });
});

test("the app's data lives under its name in the configuration folder", () => {
  const paths = pathsWith({ XDG_CONFIG_HOME: join(home, "settings") });
  expect(paths.get("userData")).toBe(join(home, "settings", "Notes"));
  expect(paths.get("logs")).toBe(join(home, "settings", "Notes", "logs"));
  expect(paths.get("documents")).toBe(join(home, "Documents"));
});

test("a given user data folder takes its place", () => {
  const paths = pathsWith({}, "/given");
  expect([paths.get("userData"), paths.get("sessionData"), paths.get("logs")]).toEqual([
    "/given",
    "/given",
    "/given/logs",
  ]);
});

test("the user's own names of the folders are heeded", () => {
  mkdirSync(join(home, ".config"));
  const lines = ['XDG_DOCUMENTS_DIR="$HOME/Papers"', 'XDG_MUSIC_DIR="/srv/music"'];
  writeFileSync(join(home, ".config", "user-dirs.dirs"), lines.join("\n"));
  const paths = pathsWith({});
  expect([paths.get("documents"), paths.get("music"), paths.get("pictures")]).toEqual([
    join(home, "Papers"),
    "/srv/music",
    join(home, "Pictures"),
  ]);
});
