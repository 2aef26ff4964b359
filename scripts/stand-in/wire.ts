/**
 * Values as text, with the reach of the structured clone algorithm: what a CDP binding can carry is a string,
 * what Electron's IPC promises is a clone. Dates, maps, sets, buffers, bigint, -0, undefined, shared references
 * and cycles survive; functions, symbols and live objects are refused with Electron's message.
 *
 * `makeWire` is also turned into source text and run inside the page, so it must stay self-contained: no import,
 * no outer variable, nothing that a bundler would answer with a helper function.
 */

export interface Wire {
  encode(value: unknown): string;
  decode(text: string): unknown;
}

type Node = null | boolean | number | string | Node[] | { [key: string]: Node };

export function makeWire(): Wire {
  const typedArrays = [
    "Int8Array",
    "Uint8Array",
    "Uint8ClampedArray",
    "Int16Array",
    "Uint16Array",
    "Int32Array",
    "Uint32Array",
    "Float32Array",
    "Float64Array",
    "BigInt64Array",
    "BigUint64Array",
  ];
  const errorNames = ["EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"];

  const refuse = (): never => {
    throw new Error("An object could not be cloned.");
  };

  const toBase64 = (bytes: Uint8Array): string => {
    let binary = "";
    for (let at = 0; at < bytes.length; at += 0x8000) {
      binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
    }
    return btoa(binary);
  };
  const fromBase64 = (text: string): ArrayBuffer => {
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
    return bytes.buffer;
  };

  const encodeNumber = (value: number): Node => {
    if (Object.is(value, -0)) return ["number", "-0"];
    return Number.isFinite(value) ? value : ["number", String(value)];
  };

  const encodePrimitive = (value: unknown): Node => {
    switch (typeof value) {
      case "string":
      case "boolean":
        return value;
      case "number":
        return encodeNumber(value);
      case "undefined":
        return ["undefined"];
      case "bigint":
        return ["bigint", String(value)];
      default:
        return value === null ? null : refuse();
    }
  };

  const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

  const encodeValue = (value: unknown, seen: Map<object, number>): Node => {
    if (!isObject(value)) return encodePrimitive(value);
    const known = seen.get(value);
    if (known !== undefined) return ["seen", known];
    seen.set(value, seen.size);
    return encodeObject(value, seen);
  };

  const encodeKeys = (value: object, keys: string[], seen: Map<object, number>): { [key: string]: Node } => {
    // Without a prototype, `__proto__` is a key like any other.
    const nodes: { [key: string]: Node } = Object.create(null);
    for (const key of keys) nodes[key] = encodeValue((value as Record<string, unknown>)[key], seen);
    return nodes;
  };

  const encodeObject = (value: object, seen: Map<object, number>): Node => {
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    if (Array.isArray(value)) {
      const items: Node[] = [];
      for (let at = 0; at < value.length; at++) {
        items.push(at in value ? encodeValue(value[at], seen) : ["hole"]);
      }
      const named = Object.keys(value).slice(items.filter((item) => !isHole(item)).length);
      return ["array", items, encodeKeys(value, named, seen)];
    }
    if (ArrayBuffer.isView(value)) {
      const kind = tag === "DataView" || typedArrays.includes(tag) ? tag : refuse();
      const length = kind === "DataView" ? value.byteLength : (value as Uint8Array).length;
      return ["view", kind, encodeValue(value.buffer, seen), value.byteOffset, length];
    }
    switch (tag) {
      case "Object":
        return encodeKeys(value, Object.keys(value), seen);
      case "Date":
        return ["date", encodeNumber(Date.prototype.getTime.call(value))];
      case "RegExp":
        return ["regexp", (value as RegExp).source, (value as RegExp).flags];
      case "Map": {
        const entries = [...(value as Map<unknown, unknown>)];
        return ["map", entries.map(([key, item]) => [encodeValue(key, seen), encodeValue(item, seen)])];
      }
      case "Set":
        return ["set", [...(value as Set<unknown>)].map((item) => encodeValue(item, seen))];
      case "ArrayBuffer":
        return ["buffer", toBase64(new Uint8Array(value as ArrayBuffer))];
      case "Error": {
        const error = value as Error;
        const name = errorNames.includes(error.name) ? error.name : "Error";
        const cause: Node[] = Object.hasOwn(error, "cause") ? [encodeValue(error.cause, seen)] : [];
        return ["error", name, String(error.message), encodePrimitive(error.stack), cause];
      }
      case "Number":
      case "String":
      case "Boolean":
      case "BigInt":
        return ["boxed", encodePrimitive(value.valueOf())];
      default:
        return refuse();
    }
  };

  const isHole = (node: Node): boolean => Array.isArray(node) && node[0] === "hole";

  /** Plain objects and arrays become what was parsed, in place: a large tree of notes is not built twice. */
  const decodeInPlace = (parsed: object, seen: object[]): object => {
    const slots = parsed as Record<string, unknown>;
    for (const key of Object.keys(parsed)) {
      const node = slots[key] as Node;
      if (typeof node === "object" && node !== null) slots[key] = decodeValue(node, seen);
    }
    return parsed;
  };

  const decodeArray = (items: Node[], named: { [key: string]: Node }, seen: object[]): unknown[] => {
    seen.push(items);
    items.forEach((item, at) => {
      if (isHole(item)) delete items[at];
    });
    decodeInPlace(items, seen);
    return Object.assign(items, decodeInPlace(named, seen));
  };

  const decodeValue = (node: Node, seen: object[]): unknown => {
    if (typeof node !== "object" || node === null) return node;
    if (!Array.isArray(node)) {
      seen.push(node);
      return decodeInPlace(node, seen);
    }
    const [kind, first, second, third, fourth] = node as [string, ...Node[]];
    const remember = <T extends object>(value: T): T => {
      seen.push(value);
      return value;
    };
    switch (kind) {
      case "undefined":
        return undefined;
      case "number":
        return Number(first);
      case "bigint":
        return BigInt(first as string);
      case "seen":
        return seen[first as number];
      case "array":
        return decodeArray(first as Node[], second as { [key: string]: Node }, seen);
      case "view": {
        // The place in `seen` is taken before the buffer's own, in the order of encoding.
        const at = seen.push({}) - 1;
        const buffer = decodeValue(second as Node, seen) as ArrayBuffer;
        const constructors = globalThis as unknown as Record<
          string,
          new (
            buffer: ArrayBuffer,
            byteOffset: number,
            length: number,
          ) => object
        >;
        const View = constructors[first as string] as NonNullable<(typeof constructors)[string]>;
        const view = new View(buffer, third as number, fourth as number);
        seen[at] = view;
        return view;
      }
      case "date":
        return remember(new Date(decodeValue(first as Node, seen) as number));
      case "regexp":
        return remember(new RegExp(first as string, second as string));
      case "map": {
        const map = remember(new Map());
        for (const [key, item] of first as [Node, Node][]) {
          map.set(decodeValue(key, seen), decodeValue(item, seen));
        }
        return map;
      }
      case "set": {
        const set = remember(new Set());
        for (const item of first as Node[]) set.add(decodeValue(item, seen));
        return set;
      }
      case "buffer":
        return remember(fromBase64(first as string));
      case "error": {
        const constructors = globalThis as unknown as Record<string, ErrorConstructor>;
        const Kind = constructors[first as string] as ErrorConstructor;
        const error = remember(new Kind(second as string));
        const stack = decodeValue(third as Node, seen);
        if (stack !== undefined) {
          Object.defineProperty(error, "stack", { value: stack, writable: true, configurable: true });
        }
        const [cause] = fourth as Node[];
        if (cause !== undefined) {
          Object.defineProperty(error, "cause", {
            value: decodeValue(cause, seen),
            writable: true,
            configurable: true,
          });
        }
        return error;
      }
      case "boxed":
        return remember(Object(decodeValue(first as Node, seen)));
      default:
        throw new Error(`The wire format has no value of kind ${kind}`);
    }
  };

  return {
    encode: (value) => JSON.stringify(encodeValue(value, new Map())),
    decode: (text) => decodeValue(JSON.parse(text) as Node, []),
  };
}
