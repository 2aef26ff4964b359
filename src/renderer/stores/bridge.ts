// The only file that touches `window.perennial`. Everything the window asks of main or hears from it goes
// through here, typed by the contract.

import type {
  Answer,
  Events,
  InvokeArgs,
  InvokeChannel,
  InvokeResult,
  PerennialBridge,
} from "../../shared/ipc-contract";
import type { EventName } from "../../shared/ipc-names";
import { showToast } from "./toast-store";

declare global {
  interface Window {
    readonly perennial: PerennialBridge;
  }
}

type Asked<C extends InvokeChannel> =
  undefined extends InvokeArgs<C> ? [args?: InvokeArgs<C>] : [args: InvokeArgs<C>];

/** Asks main, and answers a call that main could not even take as refused, so that no caller waits for ever. */
export async function ask<C extends InvokeChannel>(
  channel: C,
  ...[args]: Asked<C>
): Promise<Answer<InvokeResult<C>>> {
  try {
    return await window.perennial.invoke(channel, args as InvokeArgs<C>);
  } catch (error) {
    console.error(`${channel} did not answer`, error);
    return {
      kind: "refused",
      message: "Perennial could not do that just now. Your notes are safe; try again.",
    };
  }
}

/** As `ask`, and shows a refusal to the person. */
export async function request<C extends InvokeChannel>(
  channel: C,
  ...asked: Asked<C>
): Promise<Answer<InvokeResult<C>>> {
  const answer = await ask(channel, ...asked);
  if (answer.kind === "refused") showToast({ message: answer.message });
  return answer;
}

/** Returns the function that stops listening. */
export function listen<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void {
  return window.perennial.on(event, listener);
}
