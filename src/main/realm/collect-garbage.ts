// Collects garbage on purpose, because some objects of Realm's hold on to more than memory until they are collected: a
// file that was closed, or a version of an open one. While a version is held (a set of subscriptions holds the one it
// was read from) the file can only grow: 2 000 edits of 300 notes made 1.2 GB of 1 MB.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | null = null;

export function collectGarbage(): void {
  if (collect === null) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  collect();
}
