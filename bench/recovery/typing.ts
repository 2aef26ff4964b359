// Somebody who goes on writing while the notes are recovered: from the moment they are shown, one edit after another is
// wanted, each a word of its own in a note of its own. While notes can only be read, the edit that is wanted waits.

import type { HeadlessClient } from "../../src/cli/scenario/headless-client";
import { seededChance } from "../../src/cli/scenario/random";
import type { NoteId } from "../../src/shared/note";
import { addLine } from "./garden";

export type Typed = {
  readonly words: readonly string[];
  /** From when the first edit was wanted to its answer: how long the shown notes could only be read. */
  readonly firstWaitMs: number;
  /** The same of the edit after it that waited longest, opening the note included. */
  readonly longestWaitMs: number;
};

export type Typing = {
  /** Resolves when the first edit is answered; rejects where one was refused for good. */
  readonly firstAnswered: Promise<void>;
  /** The edit that is under way is waited for. */
  readonly stop: () => Promise<Typed>;
};

const everyMs = 250;
/** A refusal and the state that tells of it do not come at the same moment. */
const againAfterMs = 20;
const foreverMs = 3_600_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** `word`: the beginning of every word. */
export function startTyping(
  client: HeadlessClient,
  ids: readonly NoteId[],
  word: string,
  seed: number,
): Typing {
  const chance = seededChance(seed);
  const words: string[] = [];
  const waitsMs: number[] = [];
  let stopped = false;
  let endPause = (): void => {};
  let answered = (): void => {};
  let failed = (_: unknown): void => {};
  const firstAnswered = new Promise<void>((resolve, reject) => {
    answered = resolve;
    failed = reject;
  });

  async function type(): Promise<void> {
    for (let count = 0; !stopped || count === 0; count += 1) {
      const wantedAtMs = performance.now();
      await untilAnswered(chance.pick(ids), `${word}${count}`, chance.next());
      words.push(`${word}${count}`);
      waitsMs.push(performance.now() - wantedAtMs);
      answered();
      if (stopped) return;
      // Who stops does not wait for an edit that nobody wants any more.
      await Promise.race([
        pause(Math.max(0, wantedAtMs + everyMs - performance.now())),
        new Promise<void>((resolve) => {
          endPause = resolve;
        }),
      ]);
    }
  }

  async function untilAnswered(id: NoteId, line: string, where: number): Promise<void> {
    for (;;) {
      await client.until("a writable tree", ({ readOnly }) => !readOnly, foreverMs);
      try {
        return await addLine(client, id, line, where);
      } catch (error) {
        if (!/can only be read|not open yet/.test((error as Error).message)) throw error;
        await pause(againAfterMs);
      }
    }
  }

  const typing = type();
  typing.catch(failed);
  return {
    firstAnswered,
    async stop() {
      stopped = true;
      endPause();
      await typing;
      const [first = 0, ...later] = waitsMs.map(Math.round);
      return { words, firstWaitMs: first, longestWaitMs: Math.max(0, ...later) };
    },
  };
}
