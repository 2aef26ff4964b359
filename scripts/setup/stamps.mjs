/**
 * Small files that remember what a step did, so that it can see in a moment that nothing is to do. Each lies
 * inside the folder it speaks of: whoever deletes the folder deletes the memory with it.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** @param {string} file @returns {string | null} */
export function readStamp(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : null;
}

/** @param {string} file @param {string} content */
export function writeStamp(file, content) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** @param {string} projectFolder @param {string} name @returns {string} a stamp that ends with node_modules */
export function stampInNodeModules(projectFolder, name) {
  return join(projectFolder, "node_modules", ".perennial", name);
}

/**
 * One hash over names and contents. Files that do not exist count as absent, folders with all below them.
 * @param {string} projectFolder
 * @param {string[]} paths relative to the project
 * @param {(path: string) => boolean} [counts] which files matter
 * @returns {string}
 */
export function hashFiles(projectFolder, paths, counts = () => true) {
  const hash = createHash("sha256");
  for (const path of paths) {
    for (const file of listFiles(projectFolder, path)) {
      if (counts(file))
        hash
          .update(`${file}\0`)
          .update(readFileSync(join(projectFolder, file)))
          .update("\0");
    }
  }
  return hash.digest("hex");
}

/** @param {string} projectFolder @param {string} path @returns {string[]} in a fixed order */
function listFiles(projectFolder, path) {
  const full = join(projectFolder, path);
  if (!existsSync(full)) return [];
  const entries = (() => {
    try {
      return readdirSync(full, { withFileTypes: true });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOTDIR") return null;
      throw error;
    }
  })();
  if (entries === null) return [path];
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const below = `${path}/${entry.name}`;
      return entry.isDirectory() ? listFiles(projectFolder, below) : [below];
    });
}
