import { expect, test } from "vitest";
import { chromiumFlags, findChromium } from "./chromium-flags";

const flagsFor = (switches: Record<string, string>, headless = true, asRoot = false): string[] =>
  chromiumFlags({ userData: "/data", switches: new Map(Object.entries(switches)), headless }, asRoot);

test("the profile is a folder inside the user data folder, whatever the app's command line says", () => {
  const flags = flagsFor({
    "user-data-dir": "/data",
    app: "https://example.org",
    "remote-debugging-port": "0",
  });
  expect(flags.filter((flag) => flag.startsWith("--user-data-dir"))).toEqual([
    "--user-data-dir=/data/stand-in/chromium",
  ]);
  expect(flags.some((flag) => flag.startsWith("--app"))).toBe(false);
  expect(flags).toContain("--remote-debugging-port=0");
});

test("it is headless without a screen, and without its sandbox only for root", () => {
  expect(flagsFor({})).toContain("--headless=new");
  expect(flagsFor({}, false)).not.toContain("--headless=new");
  expect(flagsFor({})).not.toContain("--no-sandbox");
  expect(flagsFor({}, true, true)).toContain("--no-sandbox");
});

test("a binary named in the environment is taken as it is", () => {
  expect(findChromium({ STAND_IN_CHROMIUM: "/my/chromium" })).toBe("/my/chromium");
});
