/** Electron's event objects: the first argument of most listeners, with a veto where the event has one. */
import { refuseUnknown } from "./not-implemented";

export interface ElectronEvent {
  readonly defaultPrevented: boolean;
  preventDefault(): void;
}

/** `details` become properties of the event; asking for any other property is refused. */
export function makeEvent<T extends object>(name: string, details: T): T & ElectronEvent {
  let prevented = false;
  const event = {
    ...details,
    get defaultPrevented() {
      return prevented;
    },
    preventDefault() {
      prevented = true;
    },
  };
  return refuseUnknown(`the event of ${name}`, event);
}
