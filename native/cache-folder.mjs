/**
 * Where things that outlive `node_modules` are kept, so that a fresh clone or a second `npm ci`
 * does not compile Realm again. Only says where; creates nothing.
 */
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * @param {Record<string, string | undefined>} [environment]
 * @returns {string} absolute folder: PERENNIAL_CACHE_DIR, else XDG_CACHE_HOME/perennial, else ~/.cache/perennial
 */
export function cacheFolder(environment = process.env) {
  if (environment.PERENNIAL_CACHE_DIR) return environment.PERENNIAL_CACHE_DIR;
  if (environment.XDG_CACHE_HOME) return join(environment.XDG_CACHE_HOME, "perennial");
  return join(homedir(), ".cache", "perennial");
}
