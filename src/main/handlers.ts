// What every IPC channel is answered by. Free of Electron, so that the window, the headless client and the tests
// all speak to the same thing.

import type { Answer, InvokeArgs, InvokeChannel, InvokeResult } from "../shared/ipc-contract";

export type Handlers = {
  readonly [C in InvokeChannel]: (
    args: InvokeArgs<C>,
  ) => Answer<InvokeResult<C>> | Promise<Answer<InvokeResult<C>>>;
};

export function ok<T>(value: T): Answer<T> {
  return { kind: "ok", value };
}

export function refused(message: string): { readonly kind: "refused"; readonly message: string } {
  return { kind: "refused", message };
}

/** What cannot be done to the notes that are shown during a recovery; `readOnly`: nor can anything else be. */
export function notNow(readOnly: boolean): ReturnType<typeof refused> {
  return readOnly
    ? refused("Notes can only be read just now.")
    : refused("This has to wait until your notes are recovered.");
}
