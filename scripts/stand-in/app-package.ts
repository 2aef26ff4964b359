/**
 * Which app the command line names, told as Electron's default app tells it: a folder has a package.json with main,
 * name and version; a bare script has Electron's own name and version.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import type { AppPackage } from "./runtime";

export function readAppPackage(path: string, electronVersion: string): AppPackage {
  const place = resolve(path);
  if (!existsSync(place)) throw new Error(`There is no app at ${place}`);
  if (!statSync(place).isDirectory()) {
    return { folder: dirname(place), main: checkMain(place, ""), name: "Electron", version: electronVersion };
  }
  const manifestPath = join(place, "package.json");
  if (!existsSync(manifestPath)) throw new Error(`There is no package.json in ${place}`);
  const manifest = JSON.parse(readFileSync(manifestPath, "utf8")) as Record<string, string | undefined>;
  return {
    folder: place,
    main: checkMain(resolve(place, manifest.main ?? "index.js"), manifest.type ?? ""),
    name: manifest.productName ?? manifest.name ?? "Electron",
    version: manifest.version ?? electronVersion,
  };
}

function checkMain(main: string, type: string): string {
  if (!existsSync(main)) throw new Error(`The app's main script ${main} does not exist. Is the app built?`);
  const extension = extname(main);
  if (extension === ".mjs" || (extension === ".js" && type === "module")) {
    throw new Error(`The stand-in loads CommonJS only, and the app's main script ${main} is an ES module`);
  }
  return main;
}
