/** Chromium's profile inside the app's user data folder, and the wait until nobody else uses it. */
import { readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const formerLimitMs = 10_000;

export function profileFolder(userData: string): string {
  return join(userData, "stand-in", "chromium");
}

/**
 * The Chromium of a former run may still be on its way out, for example when that run was killed. Started beside
 * it, the new one would hand over to it and end; so wait, and clear away the lock that a dead one left.
 */
export async function waitForFormerChromium(userData: string): Promise<void> {
  const profile = profileFolder(userData);
  const deadline = Date.now() + formerLimitMs;
  for (let pid = lockHolder(profile); pid !== undefined; pid = lockHolder(profile)) {
    if (Date.now() > deadline) {
      throw new Error(
        `The user data folder ${userData} is in use by another running app (Chromium process ${pid})`,
      );
    }
    await delay(25);
  }
  for (const name of ["SingletonLock", "SingletonCookie", "SingletonSocket"]) {
    rmSync(join(profile, name), { force: true });
  }
}

function lockHolder(profile: string): number | undefined {
  try {
    const pid = Number(readlinkSync(join(profile, "SingletonLock")).split("-").at(-1));
    process.kill(pid, 0);
    // The number may belong to another process by now.
    const isOurs =
      process.platform !== "linux" || readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(profile);
    return isOurs ? pid : undefined;
  } catch {
    return undefined;
  }
}
