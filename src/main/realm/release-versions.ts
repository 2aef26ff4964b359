// Lets go of the versions of a realm file that JavaScript objects nobody uses any more still hold: a set of
// subscriptions keeps its version alive until it is collected as garbage, and while one version is held the file can
// only grow (from 1 MB to 1.2 GB in 2 000 edits). So garbage is collected once, when the subscriptions have been read.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | null = null;

export function releaseVersions(): void {
  if (collect === null) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
}
