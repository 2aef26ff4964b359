/** One text for one value, whoever holds it: the client's SDK or the server's store. */

export function canonicalDecimal(text: string): string {
  const match = /^(-?)(\d*)\.?(\d*)(?:E([+-]?\d+))?$/i.exec(text);
  if (!match) return `decimal128:${text}`;
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  return decimalOf(sign === "-", BigInt(`${whole}${fraction}` || "0"), Number(exponent) - fraction.length);
}

/** The value without the trailing zeros that leave it the same number. */
export function decimalOf(isNegative: boolean, coefficient: bigint, exponent: number): string {
  if (coefficient === 0n) return "decimal128:0";
  let digits = coefficient;
  let power = exponent;
  while (digits % 10n === 0n) {
    digits /= 10n;
    power += 1;
  }
  return `decimal128:${isNegative ? "-" : ""}${digits}E${power}`;
}

/** Numbers in a mixed value: the SDK for JavaScript knows only one kind. */
export function canonicalNumber(value: number): string {
  return `number:${value === 0 ? 0 : value}`;
}

export function canonicalLink(className: string, key: string): string {
  return `link:${className}:${key}`;
}
