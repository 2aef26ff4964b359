/**
 * Work that can be interrupted: a generator that yields "pause" wherever others may have a turn, and "write" before it
 * first changes anything. What it read by then must still hold when it goes on.
 */
export type Sliced<T> = Generator<"pause" | "write", T>;

/** Without a pause. */
export function atOnce<T>(work: Sliced<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** What is sliced in a way of its own. */
export function* pausing<T>(slices: Generator<void, T>): Sliced<T> {
  for (;;) {
    const step = slices.next();
    if (step.done) return step.value;
    yield "pause";
  }
}

/** Each item in its turn, with a pause after every so many. */
export function* inSlices<T>(items: Iterable<T>, perSlice: number, work: (item: T) => void): Sliced<void> {
  let sincePause = 0;
  for (const item of items) {
    work(item);
    sincePause += 1;
    if (sincePause < perSlice) continue;
    sincePause = 0;
    yield "pause";
  }
}
