// A file that is only ever added to, and forced to the disk aside, so that the one thread which JavaScript has does not
// stand still for it. Knows nothing of what is written.

import { closeSync, fstatSync, fsync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { promisify } from "node:util";

export type AppendFile = {
  readonly sizeBytes: () => number;
  /** All of it or nothing. Throws what the file system throws. */
  readonly append: (bytes: Uint8Array) => void;
  /** Forces what was appended to the disk now. */
  readonly flush: () => void;
  /** Resolves when what was appended until now is on the disk. Rejects with what the file system says. */
  readonly flushAside: () => Promise<void>;
  /** As `flushAside`, a moment later, once for all that is appended until then. */
  readonly flushLater: () => void;
  /** Goes on in the file that has the name now. Where it cannot be opened, whoever appends next tries again. */
  readonly reopen: () => void;
  readonly close: () => void;
};

/** `flushes`: so many are under way aside. */
type Opened = { readonly handle: number; flushes: number; isOver: boolean };

const forceToDisk = promisify(fsync);

/** How long after it was appended something reaches the disk at the latest. */
const flushDelayMs = 250;

/** Opens or creates it, and cuts it off after `wholeBytes`. `onFlushError` is told of what is flushed later. */
export function openAppendFile(
  path: string,
  wholeBytes: number,
  onFlushError: (error: Error) => void,
): AppendFile {
  let opened: Opened | null = openToAppend(path);
  let timer: NodeJS.Timeout | null = null;
  let sizeBytes = wholeBytes;
  let closed = false;
  ftruncateSync(opened.handle, wholeBytes);

  function open(): Opened {
    if (closed) throw new Error(`${path} is closed`);
    if (opened !== null) return opened;
    const anew = openToAppend(path);
    sizeBytes = fstatSync(anew.handle).size;
    opened = anew;
    return anew;
  }

  function letGo(): void {
    if (opened === null) return;
    opened.isOver = true;
    closeIfDone(opened);
    opened = null;
  }

  function stopTimer(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  }

  function flush(): void {
    stopTimer();
    fsyncSync(open().handle);
  }

  async function flushAside(): Promise<void> {
    stopTimer();
    const flushed = open();
    flushed.flushes += 1;
    try {
      await forceToDisk(flushed.handle);
    } finally {
      flushed.flushes -= 1;
      closeIfDone(flushed);
    }
  }

  return {
    sizeBytes: () => sizeBytes,
    append(bytes) {
      const { handle } = open();
      let written = 0;
      try {
        while (written < bytes.length) written += writeSync(handle, bytes, written);
      } catch (error) {
        ftruncateSync(handle, sizeBytes);
        throw error;
      }
      sizeBytes += bytes.length;
    },
    flush,
    flushAside,
    flushLater() {
      timer ??= setTimeout(() => void flushAside().catch(onFlushError), flushDelayMs).unref();
    },
    reopen() {
      letGo();
      open();
    },
    close() {
      flush();
      letGo();
      closed = true;
    },
  };
}

function openToAppend(path: string): Opened {
  return { handle: openSync(path, "a", 0o600), flushes: 0, isOver: false };
}

/** Its number must not become another file's while the system still works on it. */
function closeIfDone({ handle, flushes, isOver }: Opened): void {
  if (isOver && flushes === 0) closeSync(handle);
}
