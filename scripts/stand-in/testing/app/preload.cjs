const { contextBridge, ipcRenderer } = require("electron");

globalThis.preloadSecret = "only the preload knows";
window.preloadOnWindow = true;

const attempt = (work) => {
  try {
    return `worked: ${work()}`;
  } catch (error) {
    return error.message;
  }
};

contextBridge.exposeInMainWorld("bridge", {
  invoke: (channel, ...args) => ipcRenderer.invoke(channel, ...args),
  send: (channel, ...args) => ipcRenderer.send(channel, ...args),
  on: (channel, listener) => {
    const heard = (_event, ...args) => listener(...args);
    ipcRenderer.on(channel, heard);
    return () => ipcRenderer.removeListener(channel, heard);
  },
  // Built in the preload's world, where they are compared: what the main process answered, value by value.
  roundTrip: async () => {
    const shared = { name: "shared" };
    const cyclic = { self: null };
    cyclic.self = cyclic;
    const sent = [
      new Date(1234567890123),
      new Map([["key", new Set([1, "two"])]]),
      12345678901234567890n,
      new Uint8Array([0, 127, 255]),
      new Float64Array([1.5, -0]),
      new DataView(new ArrayBuffer(4), 1, 2),
      undefined,
      null,
      -0,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      /note(s)?/giu,
      "\u{1F331} \ud800 lone",
      // biome-ignore lint/suspicious/noSparseArray: holes are the point.
      [1, , 3],
      { a: shared, b: shared },
      cyclic,
      new TypeError("wrong kind"),
      { nested: { undefined: undefined } },
    ];
    const got = await ipcRenderer.invoke("echo", ...sent);
    return {
      date: got[0] instanceof Date && got[0].getTime(),
      map: got[1] instanceof Map && [...got[1].get("key")],
      bigint: got[2] === 12345678901234567890n,
      bytes: got[3] instanceof Uint8Array && [...got[3]],
      floats: got[4] instanceof Float64Array && Object.is(got[4][1], -0),
      view: got[5] instanceof DataView && [got[5].byteOffset, got[5].byteLength, got[5].buffer.byteLength],
      undefined: got[6] === undefined && got.length === sent.length,
      null: got[7] === null,
      minusZero: Object.is(got[8], -0),
      nan: Number.isNaN(got[9]),
      infinity: got[10] === Number.NEGATIVE_INFINITY,
      regexp: String(got[11]),
      text: got[12] === sent[12],
      hole: got[13].length === 3 && !(1 in got[13]),
      shared: got[14].a === got[14].b,
      cyclic: got[15].self === got[15],
      error: got[16] instanceof TypeError && got[16].message,
      nestedUndefined: "undefined" in got[17].nested,
    };
  },
  identity: (value) => value,
  callBack: (callback) => callback("from the preload", 2),
  promise: async (value) => value,
  failing: () => {
    throw new Error("refused by the preload");
  },
  environment: () => ({
    type: process.type,
    sandboxed: process.sandboxed,
    fs: attempt(() => require("node:fs")),
    unknown: attempt(() => ipcRenderer.sendSync),
  }),
  nested: { list: [1, { deep: true }] },
  answer: 42,
});
