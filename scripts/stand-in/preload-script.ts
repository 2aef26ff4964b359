/** Reads a preload script and finds its syntax errors here, where they can still be told from our own script. */
import { readFileSync } from "node:fs";
import { isAbsolute } from "node:path";
import { Script } from "node:vm";
import { wrapPreload } from "./page-source";

export type PreloadScript =
  | { readonly kind: "none" }
  | { readonly kind: "script"; readonly path: string; readonly text: string }
  | { readonly kind: "broken"; readonly path: string; readonly error: Error };

export function readPreload(path: string | undefined): PreloadScript {
  if (path === undefined) return { kind: "none" };
  try {
    if (!isAbsolute(path)) throw new Error(`The preload script has to be an absolute path: ${path}`);
    const text = readFileSync(path, "utf8");
    new Script(wrapPreload(text), { filename: path });
    return { kind: "script", path, text: `${text}\n//# sourceURL=${path}` };
  } catch (error) {
    return { kind: "broken", path, error: error as Error };
  }
}
