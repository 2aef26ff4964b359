/**
 * What clients say is worked off in the order in which it came, one thing after the other. What takes long gives way
 * between its slices, so that sockets, pings and everything that only reads go on; what else clients say waits.
 */
export class Turns {
  readonly #later: (resume: () => void) => void;
  readonly #waiting: (() => void)[] = [];
  #isBusy = false;

  /** @param later resumes once the event loop has served others */
  constructor(later: (resume: () => void) => void = setImmediate) {
    this.#later = later;
  }

  /** At once, unless something is being worked on or waits. The work guards itself: it must not throw. */
  run(work: () => void): void {
    if (this.#isBusy || this.#waiting.length > 0) this.#waiting.push(work);
    else work();
  }

  /**
   * To be called from within `run`.
   *
   * @param slice works for a moment and answers whether that was the end; must not throw
   */
  runInSlices(slice: () => "more" | "done"): void {
    this.#isBusy = true;
    const goOn = (): void => {
      if (slice() === "more") {
        this.#later(goOn);
        return;
      }
      this.#isBusy = false;
      this.#workOff();
    };
    this.#later(goOn);
  }

  #workOff(): void {
    if (this.#isBusy) return;
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0 && !this.#isBusy) this.#later(() => this.#workOff());
  }
}
