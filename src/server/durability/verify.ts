/** Compares what a store holds with what its writers were told is safe. Reads; touches nothing. */
import type { Storage } from "../storage/storage";
import { plantOf, tallyOf, textOf, type Writer } from "./writer";

export type Verified = {
  /** Acknowledged changes that are not there. */
  readonly lost: number;
  /** Changes that are there in part, twice, out of order, or not as they were made. */
  readonly corrupted: number;
  readonly present: number;
  readonly problems: readonly string[];
};

export function verifyStore(storage: Storage, writers: readonly Writer[]): Verified {
  const problems: string[] = [];
  let [lost, corrupted, present] = [0, 0, 0];
  const perAccount = new Map<string, number>();
  for (const writer of writers) {
    const { name, accountName, acknowledged, made } = writer;
    const states = Array.from({ length: made }, (_, i) => plantState(storage, name, i + 1));
    const count = states.filter((state) => state !== "absent").length;
    const firstAbsent = states.indexOf("absent");
    const prefix = firstAbsent < 0 ? made : firstAbsent;
    const missing = states.slice(0, acknowledged).filter((state) => state === "absent").length;
    const odd = states.filter((state) => state === "wrong").length + (count - prefix);
    const tally = tallyValue(storage, name);
    present += count;
    lost += missing;
    corrupted += odd + (tally === count ? 0 : 1);
    perAccount.set(accountName, (perAccount.get(accountName) ?? 0) + count);
    if (missing > 0) problems.push(`${name}: ${missing} of ${acknowledged} acknowledged changes are missing`);
    if (odd > 0) problems.push(`${name}: ${odd} changes are not as they were made, or follow a missing one`);
    if (tally !== count) problems.push(`${name}: its tally says ${tally}, and there are ${count} changes`);
  }
  for (const [accountName, count] of perAccount) {
    const tally = tallyValue(storage, accountName);
    if (tally === count) continue;
    corrupted += 1;
    problems.push(`${accountName}: the common tally says ${tally}, and there are ${count} changes`);
  }
  return { lost, corrupted, present, problems };
}

function plantState(storage: Storage, writer: string, k: number): "absent" | "right" | "wrong" {
  const document = storage.object("Plant", { kind: "string", value: plantOf(writer, k) });
  if (!document) return "absent";
  const text = document.get("text");
  return text?.kind === "string" && text.value === textOf(writer, k) ? "right" : "wrong";
}

function tallyValue(storage: Storage, name: string): number {
  const document = storage.object("Tally", { kind: "string", value: tallyOf(name) });
  const count = document?.get("count");
  return count?.kind === "int" ? Number(count.value) : 0;
}
