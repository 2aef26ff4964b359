/** The options of a BrowserWindow: which have an effect, which are taken without one, and the refusal of the rest. */
import { notImplemented } from "./not-implemented";

/** Options that change what is done here. */
export interface WindowOptions {
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
  readonly minWidth?: number;
  readonly minHeight?: number;
  readonly show?: boolean;
  readonly title?: string;
  readonly backgroundColor?: string;
  readonly webPreferences?: Readonly<Record<string, unknown>>;
}

/** Options that are taken without effect: they concern a frame, a menu bar or a platform that is not here. */
const inertOptions = new Set([
  "autoHideMenuBar",
  "center",
  "darkTheme",
  "frame",
  "icon",
  "paintWhenInitiallyHidden",
  "resizable",
  "titleBarOverlay",
  "titleBarStyle",
  "trafficLightPosition",
  "useContentSize",
  "vibrancy",
]);
const ownOptions = new Set([
  "x",
  "y",
  "width",
  "height",
  "minWidth",
  "minHeight",
  "show",
  "title",
  "backgroundColor",
  "webPreferences",
]);

/** The only values with which a page is what it is here: isolated from its preload, which has no Node. */
const fixedPreferences: Readonly<Record<string, unknown>> = {
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
};
const inertPreferences = new Set([
  "preload",
  "spellcheck",
  "devTools",
  "backgroundThrottling",
  "safeDialogs",
]);

export function checkWindowOptions(options: object): void {
  for (const name of Object.keys(options)) {
    if (!ownOptions.has(name) && !inertOptions.has(name)) throw notImplemented(`the window option '${name}'`);
  }
  const preferences = Object.entries((options as WindowOptions).webPreferences ?? {});
  for (const [name, value] of preferences) {
    if (inertPreferences.has(name)) continue;
    if (!(name in fixedPreferences)) throw notImplemented(`the web preference '${name}'`);
    if (value !== fixedPreferences[name]) throw notImplemented(`webPreferences.${name} = ${String(value)}`);
  }
}

/** `#RGB`, `#RRGGBB` or Electron's `#AARRGGBB`. */
export function parseColor(color: string): { r: number; g: number; b: number; a: number } {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(color);
  const full = short === null ? color : `#${short[1]}${short[1]}${short[2]}${short[2]}${short[3]}${short[3]}`;
  const match = /^#([0-9a-f]{2})?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(full);
  if (match === null) throw notImplemented(`the colour '${color}'; write it as #RRGGBB`);
  const [alpha, r, g, b] = match.slice(1).map((part) => Number.parseInt(part ?? "ff", 16)) as [
    number,
    number,
    number,
    number,
  ];
  return { r, g, b, a: alpha / 255 };
}
