import { randomInt } from "node:crypto";

/**
 * A number no one can guess and no restore can repeat. Below 2^48, so that it is exact in JavaScript, in SQLite and in
 * the 63 bits the client keeps; never 0, which the client refuses.
 */
export function randomSalt(): number {
  return randomInt(1, 2 ** 48 - 1);
}
