/**
 * Refusals. Whatever the app asks of Electron that the stand-in lacks has to fail at the place of asking, with the
 * name of what is missing: an `undefined` would be carried on and fail somewhere else, or nowhere.
 */
import { EventEmitter } from "node:events";

/** Names that the language, the inspector and promise machinery ask of every object. */
const askedOfEveryObject = new Set(["then", "toJSON", "constructor", "inspect", "__esModule", "default"]);

export function notImplemented(what: string): Error {
  return new Error(`The Electron stand-in does not implement ${what}.`);
}

/** The end of a prototype chain at which an unknown name is an error instead of `undefined`. */
function refusing<T extends object>(end: T, nameOf: (receiver: unknown) => string): T {
  return new Proxy(end, {
    get(target, key, receiver) {
      if (typeof key === "symbol" || key in target || askedOfEveryObject.has(key)) {
        return Reflect.get(target, key, receiver);
      }
      throw notImplemented(`${nameOf(receiver)}.${key}`);
    },
  });
}

/** Makes a plain object refuse the names it does not have. Own properties can still be set and replaced. */
export function refuseUnknown<T extends object>(name: string, api: T): T {
  return Object.setPrototypeOf(
    api,
    refusing(Object.prototype, () => name),
  );
}

/** The base of Electron's classes that emit nothing: an unknown member of an instance is refused. */
export class ElectronObject {}

/**
 * The base of Electron's classes and emitters here. An unknown member is refused, of an instance and of the class;
 * so is listening for an event which the stand-in never emits.
 */
export class ElectronEmitter extends EventEmitter {
  /** The events of the class: those emitted here and those that cannot occur here by nature. */
  protected knownEvents(): ReadonlySet<string> | "any" {
    return "any";
  }

  override on(event: string | symbol, listener: (...args: never[]) => void): this {
    this.refuseUnknownEvent(event);
    return super.on(event, listener as (...args: unknown[]) => void);
  }

  override addListener(event: string | symbol, listener: (...args: never[]) => void): this {
    return this.on(event, listener);
  }

  override prependListener(event: string | symbol, listener: (...args: never[]) => void): this {
    this.refuseUnknownEvent(event);
    return super.prependListener(event, listener as (...args: unknown[]) => void);
  }

  private refuseUnknownEvent(event: string | symbol): void {
    const known = this.knownEvents();
    if (typeof event === "symbol" || known === "any" || known.has(event)) return;
    if (event === "newListener" || event === "removeListener") return;
    throw notImplemented(`the event '${event}' of ${this.constructor.name}`);
  }
}

const className = (receiver: unknown): string => (receiver as object).constructor.name;
Object.setPrototypeOf(ElectronEmitter.prototype, refusing(EventEmitter.prototype, className));
Object.setPrototypeOf(
  ElectronEmitter,
  refusing(EventEmitter, (receiver) => (receiver as { name: string }).name),
);
Object.setPrototypeOf(ElectronObject.prototype, refusing(Object.prototype, className));
