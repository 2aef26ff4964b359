/**
 * Slows down guessing of passwords: so many failures per account and address, per account, and per address, within a
 * span of time. Kept in memory only: a restart forgets it, and costs an attacker more than it gains him.
 */
export type AttemptLimits = {
  readonly spanMs: number;
  /** One account from one address: somebody who mistypes, or guesses. */
  readonly perAccountAndAddress: number;
  /** One account from everywhere. Higher, because whoever is refused here may be its owner. */
  readonly perAccount: number;
  /** All accounts from one address, which may stand for a whole office. */
  readonly perAddress: number;
};

export const attemptLimits: AttemptLimits = {
  spanMs: 15 * 60_000,
  perAccountAndAddress: 10,
  perAccount: 100,
  perAddress: 100,
};

const maxKeys = 20_000;

type Count = { failures: number; readonly endsAtMs: number };

export class AttemptLimit {
  readonly #limits: AttemptLimits;
  readonly #nowMs: () => number;
  readonly #counts = new Map<string, Count>();

  constructor(limits: AttemptLimits, nowMs: () => number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  /**
   * Counts an attempt as a failure until `succeed` says otherwise: attempts at the same time must not slip through.
   * Answers in how many milliseconds to try again when there were too many, 0 when this one may be made.
   */
  begin(account: string, address: string): number {
    const keys = this.#keys(account, address);
    const nowMs = this.#nowMs();
    let waitMs = 0;
    for (const [key, limit] of keys) {
      const count = this.#count(key, nowMs);
      if (count && count.failures >= limit) waitMs = Math.max(waitMs, count.endsAtMs - nowMs);
    }
    if (waitMs > 0) return waitMs;
    for (const [key] of keys) {
      const count = this.#count(key, nowMs);
      if (count) count.failures += 1;
      else this.#add(key, { failures: 1, endsAtMs: nowMs + this.#limits.spanMs });
    }
    return 0;
  }

  succeed(account: string, address: string): void {
    for (const [key] of this.#keys(account, address)) {
      const count = this.#counts.get(key);
      if (count) count.failures -= 1;
    }
    // Whoever knows the password has a right to his next typing errors.
    this.#counts.delete(bothKey(account, address));
  }

  #keys(account: string, address: string): readonly [string, number][] {
    const { perAccountAndAddress, perAccount, perAddress } = this.#limits;
    return [
      [bothKey(account, address), perAccountAndAddress],
      [`account ${account}`, perAccount],
      [`address ${address}`, perAddress],
    ];
  }

  #count(key: string, nowMs: number): Count | undefined {
    const count = this.#counts.get(key);
    return count && count.endsAtMs > nowMs ? count : undefined;
  }

  #add(key: string, count: Count): void {
    // Anew, so that the order of the map is the order of the ends.
    this.#counts.delete(key);
    this.#counts.set(key, count);
    for (const [oldest, { endsAtMs }] of this.#counts) {
      if (this.#counts.size <= maxKeys && endsAtMs > this.#nowMs()) break;
      this.#counts.delete(oldest);
    }
  }
}

function bothKey(account: string, address: string): string {
  return `both ${address} ${account}`;
}
