// Order keys: strings that say in which order siblings stand, so that a note can always be put between two others
// by writing that note alone. A key is a fraction in base 62 whose digits compare by code unit; it never ends with
// the lowest digit, so there is always room before it. Siblings are ordered by (key, id): two devices may choose
// the same key at the same place. Nothing here knows of notes.
//
// Growth: beside a key that was itself put beside another, the next key is a step (last digit plus or minus one)
// and not a half-way fraction; where a digit runs out, twice as many digits are added as last time. So any number
// of inserts at one spot, from either side, costs a handful of digits. The price: alternating between the two
// sides of one spot costs half a digit an insert, which no scheme avoids by more than a constant factor.

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const base = digits.length;
const lowest = "0";
const highest = "z";

/** True for keys made by this file: digits only, not ending with the lowest. */
export function isOrderKey(key: string): boolean {
  return /^[0-9A-Za-z]*[1-9A-Za-z]$/.test(key);
}

/** The order of siblings: by key, then by id. */
export function compareSiblings(
  a: { readonly orderKey: string; readonly id: string },
  b: { readonly orderKey: string; readonly id: string },
): number {
  if (a.orderKey !== b.orderKey) return a.orderKey < b.orderKey ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/**
 * A key between two keys; null stands for the end of the list. Strictly between where `before` < `after` and both
 * are order keys. Otherwise (equal or reversed keys, keys of other clients with other characters) the answer is
 * still an order key: right after the leading digits of `before`, and below `after` where there is such a key.
 */
export function keyBetween(before: string | null, after: string | null): string {
  const low = leadingDigits(before);
  const upper = leadingDigits(after);
  const high = upper === "" || upper <= low ? null : upper;
  const steps = [stepUp(low), high === null ? "" : stepDown(high), widenUp(low), widenDown(high)];
  for (const key of steps) {
    if (isOrderKey(key) && key > low && (high === null || key < high)) return key;
  }
  return halfWay(low, high) ?? halfWay(low, null)!;
}

/** `count` rising keys between two keys; each obeys what `keyBetween` says. */
export function keysBetween(before: string | null, after: string | null, count: number): string[] {
  const keys: string[] = [];
  let last = before;
  for (let made = 0; made < count; made += 1) {
    last = keyBetween(last, after);
    keys.push(last);
  }
  return keys;
}

function leadingDigits(key: string | null): string {
  return (key ?? "").replace(/[^0-9A-Za-z].*$/s, "");
}

function digitAt(key: string, index: number): number {
  return digits.indexOf(key.charAt(index) || lowest);
}

/** The next number of as many digits that does not end with the lowest digit; "" where there is none. */
function stepUp(key: string): string {
  for (let index = key.length - 1; index >= 0; index -= 1) {
    const digit = digitAt(key, index);
    if (digit === base - 1) continue;
    const carried = key.length - 1 - index;
    const rest = carried === 0 ? "" : lowest.repeat(carried - 1) + digits[1];
    return key.slice(0, index) + digits[digit + 1] + rest;
  }
  return "";
}

/** The number before, of as many digits and not ending with the lowest; "" where there is none. */
function stepDown(key: string): string {
  const last = key.length - 1;
  const lastDigit = digitAt(key, last);
  if (lastDigit > 1) return key.slice(0, last) + digits[lastDigit - 1];
  for (let index = last - 1; index >= 0; index -= 1) {
    const digit = digitAt(key, index);
    if (digit > 0) return key.slice(0, index) + digits[digit - 1] + highest.repeat(last - index);
  }
  return "";
}

/** After keys that ran out upwards (they end with the highest digits): the first of the next, wider run. */
function widenUp(low: string): string {
  let run = 0;
  while (run < low.length && low[low.length - 1 - run] === highest) run += 1;
  if (run === 0) return "";
  return low + lowest.repeat(run - 1) + digits[1];
}

/** Before keys that ran out downwards (they end with 0…01): the last of the next, wider run. */
function widenDown(high: string | null): string {
  if (high === null || !high.endsWith("1")) return "";
  let run = 1;
  while (run < high.length && high[high.length - 1 - run] === lowest) run += 1;
  return high.slice(0, -1) + lowest + highest.repeat(run);
}

/** A short fraction between; null where there is none (`high` is `low` followed by lowest digits only). */
function halfWay(low: string, high: string | null): string | null {
  let prefix = "";
  let bounded = high !== null;
  for (let index = 0; ; index += 1) {
    if (bounded && high !== null && index >= high.length) return null;
    const from = digitAt(low, index);
    const to = bounded && high !== null ? digitAt(high, index) : base;
    if (to - from > 1) return prefix + digits[Math.ceil((from + to) / 2)];
    prefix += digits[from];
    if (to > from) bounded = false;
  }
}
