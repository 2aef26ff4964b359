import { expect, test } from "vitest";
import { parseCommandLine } from "./command-line";

test("Playwright's command line names the app, its switches and the debugger's port", () => {
  const line = parseCommandLine([
    "--no-sandbox",
    "--inspect=0",
    "--remote-debugging-port=0",
    "/app",
    "--user-data-dir=/d",
  ]);
  expect(line).toMatchObject({
    request: "run",
    app: "/app",
    preloads: [],
    inspect: { port: 0, wait: false },
  });
  expect([...line.switches]).toEqual([
    ["no-sandbox", ""],
    ["inspect", "0"],
    ["remote-debugging-port", "0"],
    ["user-data-dir", "/d"],
  ]);
});

test("modules to load come before the app, and what follows the app belongs to it", () => {
  const line = parseCommandLine([
    "-r",
    "/loader.js",
    "--require",
    "other",
    ".",
    "-r",
    "note",
    "--version",
    "rest",
  ]);
  expect(line).toMatchObject({ request: "run", app: ".", preloads: ["/loader.js", "other"] });
  expect(line.switches.has("version")).toBe(true);
});

test("the last of equal switches counts, whatever its case, and a value may contain an equals sign", () => {
  const { switches } = parseCommandLine(["--Lang=de", "--lang=a=b", "."]);
  expect([...switches]).toEqual([["lang", "a=b"]]);
});

test("switches end at a double dash", () => {
  const line = parseCommandLine(["--one", "--", "--app-folder", "--two"]);
  expect(line.app).toBe("--app-folder");
  expect([...line.switches.keys()]).toEqual(["one"]);
});

test.each([
  [["--version"], "version"],
  [["-v"], "version"],
  [["--help"], "help"],
] as const)("%j before an app asks for the %s", (args, request) => {
  expect(parseCommandLine(args).request).toBe(request);
});

test.each([
  [["--inspect"], { host: "127.0.0.1", port: 9229, wait: false }],
  [["--inspect=5000"], { host: "127.0.0.1", port: 5000, wait: false }],
  [["--inspect-brk=0.0.0.0:0"], { host: "0.0.0.0", port: 0, wait: true }],
  [["."], undefined],
] as const)("%j opens the debugger at %j", (args, inspect) => {
  expect(parseCommandLine(args).inspect).toEqual(inspect);
});

test.each([
  [["-r"], "-r needs the module to load"],
  [["-i", "."], "The stand-in does not know the option -i"],
  [["--inspect=many"], "Not a port to inspect: many"],
  [["--inspect=70000"], "Not a port to inspect: 70000"],
])("%j is refused: %s", (args, message) => {
  expect(() => parseCommandLine(args)).toThrow(message);
});
