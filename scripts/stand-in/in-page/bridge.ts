/**
 * The context bridge: what lets functions, promises and errors pass between the page's own world and the preload's
 * isolated world. Both worlds run this half and meet through events with an unguessable name; Chromium clones an
 * event's detail when it is read in another world, so plain data needs no encoding of our own.
 *
 * Turned into source text and run inside the page: self-contained, no import that is more than a type.
 */

export interface BridgeHalf {
  /** Called in the preload's world: puts a frozen copy of the value on the page's `window`. */
  expose(key: string, value: unknown): void;
  /** A plain notice for the other half, cloned. */
  notify(name: string, detail: unknown): void;
  onNotice(name: string, listener: (detail: unknown) => void): void;
}

type Wired =
  | { kind: "data"; data: unknown }
  | { kind: "function"; id: number }
  | { kind: "promise"; id: number }
  | { kind: "error"; message: string; stack: string | undefined }
  | { kind: "array"; items: Wired[] }
  | { kind: "object"; entries: [string, Wired][] }
  | { kind: "seen"; at: number };

type Message =
  | { kind: "hello" }
  | { kind: "expose"; key: string; value: Wired }
  | { kind: "call"; call: number; id: number; args: Wired }
  | { kind: "return"; call: number; threw: boolean; value: Wired }
  | { kind: "settle"; id: number; rejected: boolean; value: Wired }
  | { kind: "notice"; name: string; detail: unknown };

export function installBridgeHalf(secret: string, world: "main" | "isolated"): BridgeHalf {
  // Taken before any script of the page can replace them.
  const dispatch = window.dispatchEvent.bind(window);
  const NewEvent = CustomEvent;
  const readDetail = Object.getOwnPropertyDescriptor(CustomEvent.prototype, "detail")?.get as () => Message;
  const apply = Reflect.apply;
  const outgoing = `${secret}-from-${world}`;
  const incoming = `${secret}-from-${world === "main" ? "isolated" : "main"}`;

  const lentFunctions = new Map<number, (...args: unknown[]) => unknown>();
  const borrowedPromises = new Map<number, { resolve(v: unknown): void; reject(e: unknown): void }>();
  const answers = new Map<number, { threw: boolean; value: Wired }>();
  const noticeListeners = new Map<string, (detail: unknown) => void>();
  let lastId = 0;

  // Which of the two worlds gets its script first is Chromium's affair: what is said before the other half
  // listens waits for its hello.
  let heard = false;
  let waiting: Message[] = [];
  const send = (message: Message): void => {
    dispatch(new NewEvent(outgoing, { detail: message }));
  };
  const post = (message: Message): void => {
    if (heard) send(message);
    else waiting.push(message);
  };
  const meet = (): void => {
    if (heard) return;
    heard = true;
    send({ kind: "hello" });
    const messages = waiting;
    waiting = [];
    for (const message of messages) send(message);
  };

  const encodeError = (error: unknown): Wired => {
    if (!(error instanceof Error)) return encodeUnfrozen(error);
    return { kind: "error", message: String(error.message), stack: error.stack };
  };

  const lendPromise = (promise: Promise<unknown>): Wired => {
    const id = ++lastId;
    const settle = (rejected: boolean, value: () => Wired): void => {
      try {
        post({ kind: "settle", id, rejected, value: value() });
      } catch (error) {
        post({ kind: "settle", id, rejected: true, value: encodeError(error) });
      }
    };
    promise.then(
      (value) => settle(false, () => encodeUnfrozen(value)),
      (error) => settle(true, () => encodeError(error)),
    );
    return { kind: "promise", id };
  };

  /** Whether Chromium's own cloning does all there is to do, as it does for the rows of a long list. */
  const isPlainData = (value: unknown, seen: Set<object>): boolean => {
    if (typeof value === "function" || typeof value === "symbol") return false;
    if (typeof value !== "object" || value === null || seen.has(value)) return true;
    seen.add(value);
    if (Array.isArray(value)) return value.every((item) => isPlainData(item, seen));
    if (value instanceof Date || value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return true;
    if (value instanceof Promise || value instanceof Error) return false;
    if (Object.prototype.toString.call(value) !== "[object Object]") return false;
    return Object.values(value).every((item) => isPlainData(item, seen));
  };

  const encodeUnfrozen = (value: unknown): Wired =>
    isPlainData(value, new Set()) ? { kind: "data", data: value } : encode(value, new Map());

  const encode = (value: unknown, seen: Map<object, number>): Wired => {
    if (typeof value === "function") {
      const id = ++lastId;
      lentFunctions.set(id, value as (...args: unknown[]) => unknown);
      return { kind: "function", id };
    }
    if (typeof value === "symbol") throw new Error("An object could not be cloned.");
    if (typeof value !== "object" || value === null) return { kind: "data", data: value };
    const at = seen.get(value);
    if (at !== undefined) return { kind: "seen", at };
    if (value instanceof Promise) return lendPromise(value);
    if (value instanceof Error) return encodeError(value);
    if (Array.isArray(value)) {
      seen.set(value, seen.size);
      return { kind: "array", items: Array.from(value, (item) => encode(item, seen)) };
    }
    if (Object.prototype.toString.call(value) === "[object Object]") {
      seen.set(value, seen.size);
      const entries = Object.entries(value).map(([key, item]): [string, Wired] => [key, encode(item, seen)]);
      return { kind: "object", entries };
    }
    // Cloned here only to be refused here: in an event, what cannot be cloned would arrive as null.
    return { kind: "data", data: structuredClone(value) };
  };

  const decode = (wired: Wired, seen: object[], freeze: boolean): unknown => {
    const finish = <T extends object>(value: T): T => (freeze ? Object.freeze(value) : value);
    switch (wired.kind) {
      case "data":
        return wired.data;
      case "seen":
        return seen[wired.at];
      case "function":
        return finish(borrowFunction(wired.id));
      case "promise":
        return new Promise((resolve, reject) => borrowedPromises.set(wired.id, { resolve, reject }));
      case "error": {
        const error = new Error(wired.message);
        if (wired.stack !== undefined) error.stack = wired.stack;
        return error;
      }
      case "array": {
        const array: unknown[] = [];
        seen.push(array);
        for (const item of wired.items) array.push(decode(item, seen, freeze));
        return finish(array);
      }
      case "object": {
        const object = {};
        seen.push(object);
        for (const [key, item] of wired.entries) {
          Object.defineProperty(object, key, {
            value: decode(item, seen, freeze),
            writable: true,
            enumerable: true,
            configurable: true,
          });
        }
        return finish(object);
      }
    }
  };

  const borrowFunction =
    (id: number) =>
    (...args: unknown[]): unknown => {
      const call = ++lastId;
      post({ kind: "call", call, id, args: encodeUnfrozen(args) });
      const answer = answers.get(call);
      answers.delete(call);
      if (answer === undefined) throw new Error("The context bridge got no answer from the other world");
      const value = decode(answer.value, [], false);
      if (answer.threw) throw value;
      return value;
    };

  const runCall = (message: Extract<Message, { kind: "call" }>): void => {
    const { call, id } = message;
    try {
      const target = lentFunctions.get(id);
      if (target === undefined) throw new Error("The context bridge knows no such function");
      const result = apply(target, undefined, decode(message.args, [], false) as unknown[]);
      post({ kind: "return", call, threw: false, value: encodeUnfrozen(result) });
    } catch (error) {
      post({ kind: "return", call, threw: true, value: encodeError(error) });
    }
  };

  const settle = (message: Extract<Message, { kind: "settle" }>): void => {
    const promise = borrowedPromises.get(message.id);
    borrowedPromises.delete(message.id);
    const value = decode(message.value, [], false);
    if (message.rejected) promise?.reject(value);
    else promise?.resolve(value);
  };

  const place = (message: Extract<Message, { kind: "expose" }>): void => {
    Object.defineProperty(window, message.key, {
      value: decode(message.value, [], true),
      enumerable: true,
      writable: false,
      configurable: false,
    });
  };

  window.addEventListener(incoming, (event) => {
    const message = apply(readDetail, event, []) as Message;
    switch (message.kind) {
      case "hello":
        return meet();
      case "expose":
        return place(message);
      case "call":
        return runCall(message);
      case "return":
        answers.set(message.call, message);
        return;
      case "settle":
        return settle(message);
      case "notice":
        return noticeListeners.get(message.name)?.(message.detail);
    }
  });

  send({ kind: "hello" });

  const exposed = new Set<string>();
  return {
    expose(key, value) {
      if (exposed.has(key) || key in window) {
        throw new Error("Cannot bind an API on top of an existing property on the window object");
      }
      exposed.add(key);
      post({ kind: "expose", key, value: encode(value, new Map()) });
    },
    notify: (name, detail) => post({ kind: "notice", name, detail }),
    onNotice: (name, listener) => noticeListeners.set(name, listener),
  };
}
