// Binds the IPC contract to the answers: each call is checked for its sender and its arguments before anything is
// done, and every failure leaves as an answer. The only file that touches ipcMain.

import { type IpcMainInvokeEvent, ipcMain } from "electron";
import { type Answer, type InvokeChannel, invokeChannels } from "../../shared/ipc-contract";
import type { Handlers } from "../handlers";
import type { Log } from "../log";

/** `isOurs` says whether the sender is the app's own window showing the app's own page. */
export function bindIpc(handlers: Handlers, isOurs: (event: IpcMainInvokeEvent) => boolean, log: Log): void {
  for (const channel of Object.keys(invokeChannels) as InvokeChannel[]) {
    const { args } = invokeChannels[channel];
    ipcMain.handle(channel, async (event, raw: unknown): Promise<Answer<unknown>> => {
      if (!isOurs(event)) {
        log("warn", "an IPC call from a foreign frame was refused", { channel });
        return { kind: "refused", message: "This page may not speak to Perennial." };
      }
      const parsed = args.safeParse(raw);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        const where = [channel, ...(issue?.path ?? [])].join(".");
        log("warn", "an IPC call with wrong arguments was refused", { channel });
        return { kind: "refused", message: `${where}: ${issue?.message ?? "wrong arguments"}` };
      }
      try {
        return await handlers[channel](parsed.data as never);
      } catch (error) {
        const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
        log("error", "an IPC handler failed", { channel, error: stack });
        return {
          kind: "refused",
          message: "Something went wrong inside Perennial. Nothing was lost; see the log.",
        };
      }
    });
  }
}
