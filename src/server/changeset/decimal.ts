/**
 * When two decimal128 values are numerically equal: 1.0 is 1.00, zero has many forms, NaN equals nothing. Follows
 * IEEE 754-2008, binary-integer coding; a coefficient of more than 34 digits counts as zero.
 */
export function sameDecimal128(a: Uint8Array, b: Uint8Array): boolean {
  const x = read(a);
  const y = read(b);
  if (x.kind === "nan" || y.kind === "nan") return false;
  if (x.kind === "infinite" || y.kind === "infinite")
    return x.kind === y.kind && x.isNegative === y.isNegative;
  if (x.coefficient === 0n || y.coefficient === 0n) return x.coefficient === y.coefficient;
  if (x.isNegative !== y.isNegative) return false;
  const exponent = Math.min(x.exponent, y.exponent);
  // Beyond this the larger number cannot be written with the smaller exponent at all.
  if (Math.max(x.exponent, y.exponent) - exponent > maxDigits) return false;
  return (
    x.coefficient * 10n ** BigInt(x.exponent - exponent) ===
    y.coefficient * 10n ** BigInt(y.exponent - exponent)
  );
}

/** Exact, as coefficient and power of ten. */
export function decimalText(bytes: Uint8Array): string {
  const value = read(bytes);
  if (value.kind === "nan") return "NaN";
  const sign = value.isNegative ? "-" : "";
  if (value.kind === "infinite") return `${sign}Infinity`;
  const exponent = value.coefficient === 0n ? 0 : value.exponent - exponentBias;
  return `${sign}${value.coefficient}${exponent === 0 ? "" : `E${exponent}`}`;
}

const maxDigits = 34;
const exponentBias = 6176;
const coefficientLimit = 10n ** BigInt(maxDigits);

type Decimal =
  | { readonly kind: "nan" }
  | { readonly kind: "infinite"; readonly isNegative: boolean }
  | {
      readonly kind: "finite";
      readonly isNegative: boolean;
      readonly coefficient: bigint;
      readonly exponent: number;
    };

function read(bytes: Uint8Array): Decimal {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const high = view.getBigUint64(8, true);
  const isNegative = high >> 63n === 1n;
  const combination = Number((high >> 58n) & 0x1fn);
  if (combination === 0x1f) return { kind: "nan" };
  if (combination === 0x1e) return { kind: "infinite", isNegative };
  // This form would prefix the coefficient with bits that make it larger than any 34 digits.
  if (combination >= 0x18) return { kind: "finite", isNegative, coefficient: 0n, exponent: 0 };
  const coefficient = (BigInt.asUintN(49, high) << 64n) | view.getBigUint64(0, true);
  return {
    kind: "finite",
    isNegative,
    coefficient: coefficient < coefficientLimit ? coefficient : 0n,
    exponent: Number((high >> 49n) & 0x3fffn),
  };
}
