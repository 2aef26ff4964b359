/**
 * Whether the store can be written to and read, as far as anybody has noticed. While the disk is full, tries again and
 * again with a little data of its own, so that the end of it is noticed although no client tries.
 */
import type { Log } from "../log";
import type { Storage } from "./storage";
import { adviceOn, StorageTrouble } from "./storage-trouble";

export type StoreHealth =
  | { readonly kind: "ok" }
  | { readonly kind: "full" | "damaged"; readonly sinceMs: number };

const probeIntervalMs = 2000;
const probeSetting = "roomProbe";
/** More than the loose ends of a nearly full disk. */
const probeCharacters = 64 * 1024;

export class StoreHealthMonitor {
  readonly #storage: () => Storage;
  readonly #log: Log;
  readonly #nowMs: () => number;
  #health: StoreHealth = { kind: "ok" };
  #probing: NodeJS.Timeout | undefined;

  /** The storage is asked for anew each time: a restore replaces it. */
  constructor(storage: () => Storage, log: Log, nowMs: () => number) {
    this.#storage = storage;
    this.#log = log;
    this.#nowMs = nowMs;
  }

  get health(): StoreHealth {
    return this.#health;
  }

  note({ kind, message }: StorageTrouble): void {
    // Worse than full, and no probe finds that it is over.
    if (this.#health.kind === kind || this.#health.kind === "damaged") return;
    this.#health = { kind, sinceMs: this.#nowMs() };
    this.#log.error(kind === "full" ? "disk full" : "store damaged", {
      advice: adviceOn[kind],
      reason: message,
    });
    if (kind === "full") this.#probeLater();
  }

  /** Another store is in its place. */
  reset(): void {
    clearTimeout(this.#probing);
    this.#health = { kind: "ok" };
  }

  #probeLater(): void {
    this.#probing = setTimeout(() => this.#probe(), probeIntervalMs);
    this.#probing.unref();
  }

  #probe(): void {
    if (this.#health.kind !== "full") return;
    const storage = this.#storage();
    try {
      storage.transaction(() => storage.setSetting(probeSetting, "x".repeat(probeCharacters)));
      storage.transaction(() => storage.deleteSetting(probeSetting));
    } catch (error) {
      if (error instanceof StorageTrouble && error.kind === "damaged") this.note(error);
      else this.#probeLater();
      return;
    }
    this.#health = { kind: "ok" };
    this.#log.warn("there is room on the disk again");
  }
}
