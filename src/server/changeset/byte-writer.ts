/**
 * The format's elementary values, written to a growing buffer.
 *
 * Integers: seven bits to a byte, low bits first, the top bit set on every byte but the last. The last byte holds
 * only six; its seventh bit is the sign, and a negative n is written as -(n + 1).
 */
export class ByteWriter {
  #buffer = new Uint8Array(256);
  #view = new DataView(this.#buffer.buffer);
  #size = 0;

  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#size);
  }

  /** A non-negative integer that a number holds exactly. */
  uint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`not an unsigned integer: ${value}`);
    this.#magnitude(value, 0);
  }

  uint32(value: number): void {
    if (value > 0xffff_ffff) throw new RangeError(`does not fit into 32 bits: ${value}`);
    this.uint(value);
  }

  int(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`not an integer: ${value}`);
    if (value < 0) this.#magnitude(-(value + 1), 0x40);
    else this.#magnitude(value, 0);
  }

  /** A signed 64-bit integer. */
  bigInt(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw new RangeError(`does not fit into 64 bits: ${value}`);
    if (value < 0n) this.#bigMagnitude(-(value + 1n), 0x40);
    else this.#bigMagnitude(value, 0);
  }

  /** An unsigned integer of at most `maxBytes` coded bytes; ten of them hold 64 bits. */
  bigUint(value: bigint, maxBytes = 10): void {
    const bits = maxBytes === 10 ? 64 : maxBytes * 7 - 1;
    if (BigInt.asUintN(bits, value) !== value)
      throw new RangeError(`does not fit into ${bits} bits: ${value}`);
    this.#bigMagnitude(value, 0);
  }

  bool(value: boolean): void {
    this.#byte(value ? 1 : 0);
  }

  float(value: number): void {
    this.#reserve(4);
    this.#view.setFloat32(this.#size, value, true);
    this.#size += 4;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#size, value, true);
    this.#size += 8;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#size);
    this.#size += bytes.length;
  }

  /** A text with its size in bytes in front. */
  text(text: string, maxSizeBytes: number): void {
    // TextEncoder would replace it, and so change what somebody wrote.
    if (/\p{Surrogate}/u.test(text)) throw new RangeError("a text with a lone surrogate has no UTF-8 form");
    const bytes = utf8.encode(text);
    if (bytes.length > maxSizeBytes) throw new RangeError(`a text of ${bytes.length} bytes is too long`);
    this.uint(bytes.length);
    this.raw(bytes);
  }

  hex(digits: string, sizeBytes: number): void {
    const fail = (): never => {
      throw new RangeError(`not ${sizeBytes} bytes in lower-case hex: ${digits}`);
    };
    if (digits.length !== sizeBytes * 2) fail();
    this.#reserve(sizeBytes);
    for (let i = 0; i < sizeBytes; i++) {
      const byte = (hexDigit(digits.charCodeAt(2 * i)) << 4) | hexDigit(digits.charCodeAt(2 * i + 1));
      if (byte < 0) fail();
      this.#buffer[this.#size + i] = byte;
    }
    this.#size += sizeBytes;
  }

  #magnitude(value: number, sign: number): void {
    let rest = value;
    while (rest >= 0x40) {
      this.#byte(0x80 | (rest % 0x80));
      rest = Math.floor(rest / 0x80);
    }
    this.#byte(sign | rest);
  }

  #bigMagnitude(value: bigint, sign: number): void {
    let rest = value;
    while (rest > BigInt(Number.MAX_SAFE_INTEGER)) {
      this.#byte(0x80 | Number(rest & 0x7fn));
      rest >>= 7n;
    }
    this.#magnitude(Number(rest), sign);
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#size++] = value;
  }

  #reserve(sizeBytes: number): void {
    if (this.#size + sizeBytes <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#size + sizeBytes));
    grown.set(this.#buffer.subarray(0, this.#size));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** 0 to 15; negative for what is no lower-case digit. */
function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  return code >= 97 && code <= 102 ? code - 87 : -1;
}

const utf8 = new TextEncoder();
