/**
 * Says on the terminal what setup is doing: plain lines with the elapsed time, no cursor tricks, so that a
 * log file reads the same. While something long runs, a line comes at least every ten seconds.
 */

const silenceLimitMs = 10_000;
const countLinesApartMs = 5_000;

/**
 * @typedef {object} Progress
 * @property {(text: string) => void} say
 * @property {<T>(text: string, work: (update: (text: string) => void) => Promise<T>) => Promise<T>} during
 *   Runs `work`; repeats the newest text with the elapsed time whenever there was silence for too long.
 */

/**
 * @param {{ quiet: boolean, write?: (line: string) => void }} options
 * @returns {Progress}
 */
export function createProgress({ quiet, write = console.log }) {
  const startedAt = Date.now();
  /** @param {string} text */
  const say = (text) => {
    if (!quiet) write(`[${formatElapsed(Date.now() - startedAt)}] ${text}`);
  };
  return {
    say,
    async during(text, work) {
      const begunAt = Date.now();
      let newest = text;
      let spokenAt = Date.now();
      const speak = () => {
        spokenAt = Date.now();
        say(`${newest} (${formatElapsed(spokenAt - begunAt)})`);
      };
      say(text);
      const ticker = setInterval(() => {
        if (Date.now() - spokenAt >= silenceLimitMs) speak();
      }, 1_000);
      try {
        return await work((update) => {
          newest = update;
          if (Date.now() - spokenAt >= countLinesApartMs) speak();
        });
      } finally {
        clearInterval(ticker);
      }
    },
  };
}

/** @param {number} elapsedMs @returns {string} such as "0.3 s", "42 s" or "1 m 20 s" */
export function formatElapsed(elapsedMs) {
  if (elapsedMs < 9_950) return `${(elapsedMs / 1000).toFixed(1)} s`;
  const seconds = Math.round(elapsedMs / 1000);
  return seconds < 60
    ? `${seconds} s`
    : `${Math.floor(seconds / 60)} m ${String(seconds % 60).padStart(2, "0")} s`;
}
