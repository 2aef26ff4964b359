// The only bridge between the window and main: `invoke` and `on`, each for the channels of the contract and no
// other. It carries values and knows nothing of what they mean.

import { contextBridge, ipcRenderer } from "electron";
import type { PerennialBridge } from "../shared/ipc-contract";
import { eventNames, invokeNames } from "../shared/ipc-names";

const invokable: ReadonlySet<string> = new Set(invokeNames);
const hearable: ReadonlySet<string> = new Set(eventNames);

const bridge: PerennialBridge = {
  invoke: (channel, args) =>
    invokable.has(channel)
      ? ipcRenderer.invoke(channel, args)
      : Promise.reject(new Error(`There is no channel named ${String(channel)}.`)),
  on: (event, listener) => {
    if (!hearable.has(event)) throw new Error(`There is no event named ${String(event)}.`);
    // The Electron event object stays here: it would hand the page a way back to the sender.
    const forward = (_: unknown, payload: Parameters<typeof listener>[0]) => listener(payload);
    ipcRenderer.on(event, forward);
    return () => {
      ipcRenderer.removeListener(event, forward);
    };
  },
};

contextBridge.exposeInMainWorld("perennial", bridge);
