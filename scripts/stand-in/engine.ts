/** The one running Chromium of this process, and the refusal to use it before there is one. */
import { Chromium } from "./chromium";
import type { ChromiumOptions } from "./chromium-flags";

let running: Chromium | undefined;

export async function startEngine(options: ChromiumOptions): Promise<Chromium> {
  running = await Chromium.launch(options);
  return running;
}

/** `asker` names who needs it, for the message of Electron when it is too early. */
export function getChromium(asker: string): Chromium {
  if (running === undefined) throw new Error(`Cannot create ${asker} before app is ready`);
  return running;
}

export async function stopEngine(): Promise<void> {
  await running?.close();
}
