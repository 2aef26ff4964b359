// What Realm puts beside a realm file, and makes anew where it is gone.

import { rmSync } from "node:fs";

/** The realm must be open nowhere. */
export function removeSideFiles(realmFile: string): void {
  for (const side of [".lock", ".note", ".management"]) {
    rmSync(`${realmFile}${side}`, { recursive: true, force: true });
  }
}
