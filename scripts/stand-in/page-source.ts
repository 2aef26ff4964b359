/**
 * Assembles the scripts that Chromium runs in every new document of a window: functions of in-page/ as source text,
 * called with the settings of one window. Those functions carry no outer names, so their text is all they need
 * (in-page.test.ts holds them to it).
 */
import { installBridgeHalf } from "./in-page/bridge";
import { installMainWorld } from "./in-page/main-world";
import { installPreloadWorld, type PreloadWorldSettings } from "./in-page/preload-world";
import { makeWire } from "./wire";

/** In Electron a preload runs in the main frame only; the same goes for everything here. */
const inMainFrame = (body: string): string => `if (window === window.parent) {\n${body}\n}`;

export function mainWorldSource(secret: string): string {
  const bridge = `(${installBridgeHalf})(${JSON.stringify(secret)}, "main")`;
  return inMainFrame(`(${installMainWorld})(${bridge});`);
}

/** `preload` is the text of the preload script, which the caller has checked to be free of syntax errors. */
export function preloadWorldSource(
  secret: string,
  settings: PreloadWorldSettings,
  preload: string | undefined,
): string {
  const bridge = `(${installBridgeHalf})(${JSON.stringify(secret)}, "isolated")`;
  const script = preload === undefined ? "undefined" : wrapPreload(preload);
  return inMainFrame(
    `(${installPreloadWorld})((${makeWire})(), ${bridge}, ${JSON.stringify(settings)}, ${script});`,
  );
}

export function wrapPreload(preload: string): string {
  const names = "require, process, module, exports, global, setImmediate, clearImmediate";
  return `(function (${names}) {\n${preload}\n})`;
}

/** A function for `Runtime.callFunctionOn`: turns the value it is called with into the wire's text. */
export const encodeInPage = `function (value) { return (${makeWire})().encode(value); }`;
