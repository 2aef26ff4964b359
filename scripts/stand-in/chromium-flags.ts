/** Which Chromium is started, and with which flags: those that a closed network and a driven window need. */
import { existsSync } from "node:fs";
import { profileFolder } from "./chromium-profile";

/** Real binaries before wrapper scripts: a wrapper may keep our pipes open after Chromium's end. */
const places = [
  "/usr/lib/chromium/chromium",
  "/usr/lib64/chromium-browser/chromium-browser",
  "/usr/lib/chromium-browser/chromium-browser",
  "/opt/google/chrome/chrome",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const ownFlags = [
  "--no-startup-window",
  "--remote-debugging-pipe",
  "--allow-file-access-from-files",
  "--disable-quic",
  "--no-first-run",
  "--no-default-browser-check",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-default-apps",
  "--disable-extensions",
  "--disable-search-engine-choice-screen",
  "--disable-dev-shm-usage",
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
  "--disable-backgrounding-occluded-windows",
  "--hide-crash-restore-bubble",
  "--password-store=basic",
  "--use-mock-keychain",
  "--test-type",
];

/** Switches of the app's command line that are ours to decide, not Chromium's to hear. */
const ownSwitches = new Set([
  "user-data-dir",
  "headless",
  "app",
  "type",
  "inspect",
  "inspect-brk",
  "version",
  "help",
  "remote-debugging-pipe",
  "no-startup-window",
  "enable-logging",
]);

export interface ChromiumOptions {
  /** The app's user data folder; the profile is a folder inside it. */
  readonly userData: string;
  readonly switches: ReadonlyMap<string, string>;
  readonly headless: boolean;
}

export function findChromium(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment.STAND_IN_CHROMIUM;
  if (chosen !== undefined) return chosen;
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new Error(
    "The Electron stand-in needs Chromium and found none. Run `npm run setup`, or name one in STAND_IN_CHROMIUM.",
  );
}

export function chromiumFlags(options: ChromiumOptions, asRoot: boolean): string[] {
  const flags = new Map<string, string>();
  for (const [name, value] of options.switches) {
    if (!ownSwitches.has(name)) flags.set(name, value);
  }
  if (asRoot) flags.set("no-sandbox", "");
  const asked = [...flags].map(([name, value]) => (value === "" ? `--${name}` : `--${name}=${value}`));
  return [
    ...asked,
    ...ownFlags,
    ...(options.headless ? ["--headless=new"] : []),
    `--user-data-dir=${profileFolder(options.userData)}`,
  ];
}
