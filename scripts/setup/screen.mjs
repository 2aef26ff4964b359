/** Whether windows can be shown here, and whether the tests have to bring a screen of their own. Only looks. */
import { findRuntime } from "../runtime.mjs";

/** @param {Record<string, string | undefined>} environment @param {NodeJS.Platform} [platform] @returns {boolean} */
export function hasScreen(environment, platform = process.platform) {
  return platform !== "linux" || Boolean(environment.DISPLAY || environment.WAYLAND_DISPLAY);
}

/** @param {Record<string, string | undefined>} environment @returns {boolean} the stand-in runs without a screen, Electron does not */
export function needsVirtualScreen(environment) {
  return !hasScreen(environment) && findRuntime({ environment }).kind === "electron";
}
