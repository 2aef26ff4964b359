/**
 * Reads the format's elementary values (described in byte-writer.ts) from bytes nobody vouches for. Every read
 * either returns a value within its stated bounds or throws `Malformed`, which parse.ts turns into a result; it
 * must not escape from there. Nothing is allocated on the word of a size that the input does not back.
 */
export class Malformed extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get offset(): number {
    return this.#offset;
  }

  get atEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  fail(message: string, offset = this.#offset): never {
    throw new Malformed(message, offset);
  }

  uint(max: number): number {
    const start = this.#offset;
    const value = this.#integer(10);
    if (typeof value === "bigint" || value < 0 || value > max) {
      return this.fail(`integer ${value} is not between 0 and ${max}`, start);
    }
    return value;
  }

  uint32(): number {
    return this.uint(0xffff_ffff);
  }

  int(min: number, max: number): number {
    const start = this.#offset;
    const value = this.#integer(10);
    if (typeof value === "bigint" || value < min || value > max) {
      return this.fail(`integer ${value} is not between ${min} and ${max}`, start);
    }
    return value;
  }

  bigInt64(): bigint {
    const start = this.#offset;
    const value = BigInt(this.#integer(10));
    if (BigInt.asIntN(64, value) !== value) this.fail("integer does not fit into 64 bits", start);
    return value;
  }

  bigUint64(): bigint {
    const start = this.#offset;
    const value = BigInt(this.#integer(10));
    if (BigInt.asUintN(64, value) !== value) this.fail("integer is not unsigned and of 64 bits", start);
    return value;
  }

  bool(): boolean {
    return this.uint(0xff) !== 0;
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A copy, so that the result does not keep the whole input alive. */
  raw(sizeBytes: number): Uint8Array {
    const start = this.#take(sizeBytes);
    return new Uint8Array(this.#bytes.subarray(start, start + sizeBytes));
  }

  text(maxSizeBytes: number): string {
    const sizeBytes = this.uint(maxSizeBytes);
    const start = this.#take(sizeBytes);
    try {
      return utf8.decode(this.#bytes.subarray(start, start + sizeBytes));
    } catch {
      return this.fail("text is not UTF-8", start);
    }
  }

  hex(sizeBytes: number): string {
    const start = this.#take(sizeBytes);
    let digits = "";
    for (let i = start; i < start + sizeBytes; i++) digits += hexOfByte[this.#bytes[i]!];
    return digits;
  }

  /** Seven bits to a byte, low bits first, without a sign; at most `maxBytes` of them. */
  unsignedGroups(maxBytes: number): bigint {
    const start = this.#offset;
    let value = 0n;
    for (let i = 0; i < maxBytes; i++) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if ((byte & 0x80) === 0) return value;
    }
    return this.fail("integer has too many bytes", start);
  }

  /** A number whenever one holds the value exactly. */
  #integer(maxBytes: number): number | bigint {
    const start = this.#offset;
    let low = 0;
    let scale = 1;
    let high = 0n;
    for (let i = 0; i < maxBytes; i++) {
      const byte = this.#byte();
      const isLast = (byte & 0x80) === 0;
      const bits = isLast ? byte & 0x3f : byte & 0x7f;
      // Seven bytes make 49 bits, which a number holds exactly.
      if (i < 7) {
        low += bits * scale;
        scale *= 0x80;
      } else {
        high |= BigInt(bits) << BigInt(7 * i);
      }
      if (!isLast) continue;
      const isNegative = (byte & 0x40) !== 0;
      if (high === 0n) return isNegative ? -low - 1 : low;
      const magnitude = high + BigInt(low);
      return isNegative ? -magnitude - 1n : magnitude;
    }
    return this.fail("integer has too many bytes", start);
  }

  #byte(): number {
    return this.#bytes[this.#take(1)]!;
  }

  #take(sizeBytes: number): number {
    const start = this.#offset;
    if (sizeBytes > this.#bytes.length - start) this.fail("changeset ends in the middle of an instruction");
    this.#offset = start + sizeBytes;
    return start;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
