// What is asked of the notes while they cannot be written to for a moment: it waits here, in order, and its turn comes
// when they can be, or when it is known that they will not be soon. Knows nothing of notes.

/** `soon`: without anybody's doing. */
export type Writable = "now" | "soon" | "no";

export type WaitingLine = {
  /** Does it now, or when its turn comes; whoever waits is never overtaken. */
  readonly take: <T>(work: () => T) => T | Promise<T>;
  /** It may be otherwise now. What waited is done after the present piece of work, not in the midst of it. */
  readonly look: () => void;
  /** As `look`, at once: there is no later. */
  readonly empty: () => void;
};

export function createWaitingLine(writable: () => Writable): WaitingLine {
  const line: (() => void)[] = [];
  let isLooking = false;

  function empty(): void {
    while (line.length > 0 && writable() !== "soon") line.shift()?.();
  }

  return {
    take(work) {
      if (line.length === 0 && writable() !== "soon") return work();
      return new Promise((resolve, reject) => {
        line.push(() => {
          try {
            resolve(work());
          } catch (error) {
            reject(error);
          }
        });
      });
    },
    look() {
      if (isLooking || line.length === 0) return;
      isLooking = true;
      setImmediate(() => {
        isLooking = false;
        empty();
      });
    },
    empty,
  };
}
