import { expect, test } from "vitest";
import { checkWindowOptions, parseColor } from "./window-options";

test.each([
  ["#102030", { r: 16, g: 32, b: 48, a: 1 }],
  ["#fff", { r: 255, g: 255, b: 255, a: 1 }],
  ["#00102030", { r: 16, g: 32, b: 48, a: 0 }],
])("the colour %s is read as Electron reads it", (text, color) => {
  expect(parseColor(text)).toEqual(color);
});

test("a colour in another notation is refused", () => {
  expect(() => parseColor("rebeccapurple")).toThrow("does not implement the colour 'rebeccapurple'");
});

test("a window of a sandboxed app is accepted", () => {
  const webPreferences = { preload: "/p.cjs", sandbox: true, contextIsolation: true, nodeIntegration: false };
  expect(() =>
    checkWindowOptions({ width: 1, show: false, titleBarStyle: "hidden", webPreferences }),
  ).not.toThrow();
});

test.each([
  [{ transparent: true }, "the window option 'transparent'"],
  [{ webPreferences: { sandbox: false } }, "webPreferences.sandbox = false"],
  [{ webPreferences: { partition: "persist:x" } }, "the web preference 'partition'"],
])("%j is refused: %s", (options, what) => {
  expect(() => checkWindowOptions(options)).toThrow(`does not implement ${what}.`);
});
