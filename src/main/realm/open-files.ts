// Whether this process has a realm file open anywhere, Realm's own threads included. Only Linux tells; where nothing
// can be proved the answer is no.

import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { collectGarbage } from "./collect-garbage";

const usualPatienceMs = 3_000;
const pollMs = 50;

/**
 * Waits a moment, because Realm closes a file in its own time: not before the last object that came from it, a
 * subscription for one, has been collected. So it is collected. A file that is not there is open nowhere.
 */
export async function isProvedClosed(path: string, patienceMs = usualPatienceMs): Promise<boolean> {
  if (process.platform !== "linux") return false;
  for (let waitedMs = 0; waitedMs <= patienceMs; waitedMs += pollMs) {
    if (!isOpenHere(path)) return true;
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return false;
}

function isOpenHere(path: string): boolean {
  const real = join(realpathSync(dirname(path)), basename(path));
  const isHeld = readdirSync("/proc/self/fd").some((handle) => linkOf(handle) === real);
  return isHeld || readFileSync("/proc/self/maps", "utf8").includes(` ${real}\n`);
}

/** A handle may be gone by the time it is looked at; the one that lists the folder always is. */
function linkOf(handle: string): string | null {
  try {
    return readlinkSync(join("/proc/self/fd", handle));
  } catch {
    return null;
  }
}
