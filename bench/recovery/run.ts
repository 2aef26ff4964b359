// `npm run bench:recovery`: how long it takes from the restart to a usable tree with every offline edit in it, and to
// everything uploaded, beside Realm's own automatic recovery of the very same data on the same server; or how a tree
// of an odd shape is recovered.

import { parseArgs } from "node:util";
import { recoverByRealm } from "./auto";
import { cpuOf, medianRun, type Run, ratio, type Sized, sentenceOf, tableOf } from "./figures";
import { type Shape, shapes } from "./garden";
import { recoverTree } from "./odd-tree";
import { recoverByUs } from "./ours";
import { say, type Wanted } from "./prepare";
import { onStage } from "./stage";

const usage = `usage: npm run bench:recovery -- [--notes N] [--edits N] [--scaling N,N,…] [--rounds N] [--seed S]
                                  [--shape beds|chain|cycle] [--quiet-window] [--at-once] [--json]
                                  [--data DIR]

A device holds notes that are all synced, and makes edits offline; the operator terminates sync and enables it again.
Copies of that device's folder and of the server's are recovered by Realm itself and by Perennial, in turn, each in a
process of its own with a server of its own.

  --notes N       notes of the device (default 100000; of a chain 50000, of a cycle 10000)
  --edits N       edits made offline (default: a tenth of the notes)
  --scaling …     smaller sizes to measure before, for the growth (default 1000,10000; empty: none)
  --rounds N      how often each is measured (default 3); told are the medians
  --seed S        seed of all chance (default 1)
  --shape beds    beds of fifty notes (default), beside Realm's own recovery
  --shape chain   each note the child of the one before: recovered by Perennial, and beds of the same size beside it
  --shape cycle   beds and chains between which two devices have closed rings, and close more of them by the recovery
  --quiet-window  nobody writes during the recovery
  --at-once       the restart is chosen the moment the prompt is there, not after as long as reading it takes
  --json          print one JSON object as the last line
  --data DIR      keep what was prepared there, and use again what is prepared there already

Times are from the start of the process to: shown, the notes can be read; usable, an edit was made in the shown tree
and answered, one being wanted from the moment when the notes are shown (with --quiet-window: the tree is writable);
settled, the recovery is over; uploaded, the server has everything. Realm's own recovery is usable when it is over and
every note was read once: before, its realm cannot be used. Until the recovery is settled somebody goes on writing, a
word every quarter of a second; the longest wait for an answer is told. Whether every offline edit is in the tree
when it is usable is looked at in a run of its own, which is not timed. Processor time is of both processes until
uploaded. Memory is the process's largest resident size, and for Perennial also how far that is above its size with
the realm open and nothing to do.

Exit code 0: measured, and every word was in the tree and on the server in the end, and the tree was whole. 1: something
was missing, or it could not be measured. 2: wrong arguments.`;

type Asked = {
  readonly notes: number;
  readonly edits: number | null;
  readonly seed: number;
  readonly rounds: number;
  readonly sizes: readonly number[];
  readonly shape: Shape;
  readonly writes: boolean;
  readonly atOnce: boolean;
  readonly json: boolean;
  /** Null: in a folder of its own, which is removed. */
  readonly data: string | null;
};

function wrong(message: string): never {
  console.error(`${message}\n\n${usage}`);
  process.exit(2);
}

function wholeNumbers(name: string, text: string): number[] {
  const numbers = text.split(",").filter(Boolean).map(Number);
  if (numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) return numbers;
  return wrong(`--${name} takes whole numbers, not '${text}'`);
}

const usualNotes: Readonly<Record<Shape, number>> = { beds: 100_000, chain: 50_000, cycle: 10_000 };
/** Fewer would not have a plant for each ring. */
const fewestNotes: Readonly<Record<Shape, number>> = { beds: 1, chain: 1, cycle: 100 };

function readArguments(): Asked | null {
  const { values } = (() => {
    try {
      return parseArgs({
        options: {
          notes: { type: "string" },
          edits: { type: "string" },
          scaling: { type: "string", default: "1000,10000" },
          seed: { type: "string", default: "1" },
          shape: { type: "string", default: "beds" },
          "quiet-window": { type: "boolean", default: false },
          "at-once": { type: "boolean", default: false },
          json: { type: "boolean", default: false },
          rounds: { type: "string", default: "3" },
          data: { type: "string" },
          help: { type: "boolean", default: false },
        },
      });
    } catch (error) {
      return wrong((error as Error).message);
    }
  })();
  if (values.help) return null;
  const one = (name: "notes" | "edits" | "seed" | "rounds", text: string): number =>
    wholeNumbers(name, text)[0] ?? wrong(`--${name} takes a whole number`);
  const shape = shapes.find((each) => each === values.shape);
  if (shape === undefined) return wrong(`--shape is one of ${shapes.join(", ")}, not '${values.shape}'`);
  const notes = values.notes === undefined ? usualNotes[shape] : one("notes", values.notes);
  if (notes < fewestNotes[shape]) return wrong(`--shape ${shape} needs ${fewestNotes[shape]} notes or more`);
  return {
    notes,
    edits: values.edits === undefined ? null : one("edits", values.edits),
    seed: one("seed", values.seed),
    rounds: Math.max(1, one("rounds", values.rounds)),
    sizes: wholeNumbers("scaling", values.scaling),
    shape,
    writes: !values["quiet-window"],
    atOnce: values["at-once"],
    json: values.json,
    data: values.data ?? null,
  };
}

async function measure(wanted: Wanted, { rounds, data, writes, atOnce, seed }: Asked): Promise<Sized> {
  return onStage(data, wanted, async ({ prepared, onFreshCopy }) => {
    const byUs = (looks: boolean) =>
      onFreshCopy((dataDir, server) => recoverByUs(dataDir, prepared, server, { writes, looks, atOnce }));
    const auto: Run[] = [];
    const ours: Run[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      auto.push(await onFreshCopy((dataDir, server) => recoverByRealm(dataDir, prepared, server, seed)));
      say(`realm-auto: ${sentenceOf(auto.at(-1) as Run)}`);
      ours.push((await byUs(false)).run);
      say(`perennial: ${sentenceOf(ours.at(-1) as Run)}`);
    }
    const looked = writes ? await byUs(true) : null;
    if (looked !== null) {
      say(`perennial, not timed: ${looked.missingWhenUsable} of the offline edits missing when usable`);
    }
    const { notes, edits } = wanted;
    const missing = looked === null ? 0 : looked.run.missing;
    const run = medianRun(ours);
    return {
      notes,
      edits,
      ours: { ...run, missing: Math.max(run.missing, missing) },
      auto: medianRun(auto),
      missingWhenUsable: looked?.missingWhenUsable ?? null,
    };
  });
}

function editsOf(notes: number): number {
  return Math.round(notes / 10);
}

async function besideRealm(asked: Asked) {
  const { notes, seed, shape } = asked;
  const measured: Sized[] = [];
  for (const size of asked.sizes) {
    measured.push(await measure({ notes: size, edits: editsOf(size), seed, shape }, asked));
  }
  const largest = await measure({ notes, edits: asked.edits ?? editsOf(notes), seed, shape }, asked);
  measured.push(largest);
  const { ours, auto, edits } = largest;
  console.error(tableOf(measured));
  return {
    notes,
    edits,
    ratioUsable: ratio(ours.usableMs, auto.usableMs),
    ratioUploaded: ratio(ours.uploadedMs, auto.uploadedMs),
    ratioCpu: ratio(cpuOf(ours), cpuOf(auto)),
    peakMb: ours.abovePeakMb,
    promptMs: ours.promptMs,
    madeAhead: ours.madeAhead,
    shownMs: ours.shownMs,
    settledMs: ours.settledMs,
    answered: ours.answered,
    longestWaitMs: ours.longestWaitMs,
    scaling: measured.map((each) => ({
      notes: each.notes,
      shownMs: each.ours.shownMs,
      usableMs: each.ours.usableMs,
      settledMs: each.ours.settledMs,
      uploadedMs: each.ours.uploadedMs,
      cpuSeconds: cpuOf(each.ours),
      autoUsableMs: each.auto.usableMs,
      autoUploadedMs: each.auto.uploadedMs,
      autoCpuSeconds: cpuOf(each.auto),
    })),
    ours,
    auto,
    missingWhenUsable: measured.reduce((sum, each) => sum + (each.missingWhenUsable ?? 0), 0),
    missing: measured.reduce((sum, { ours: { missing } }) => sum + missing, 0),
  };
}

async function besideBeds({ notes, edits, seed, shape, rounds, data, writes }: Asked) {
  const wanted = { notes, edits: edits ?? editsOf(notes), seed };
  const beds = await recoverTree({ ...wanted, shape: "beds" }, rounds, data, writes);
  const odd = await recoverTree({ ...wanted, shape }, rounds, data, writes);
  return {
    shape,
    notes,
    edits: wanted.edits,
    finished: true,
    before: odd.before,
    after: odd.after,
    reported: odd.reported,
    ratioUsable: ratio(odd.run.usableMs, beds.run.usableMs),
    ratioSettled: ratio(odd.run.settledMs ?? 0, beds.run.settledMs ?? 0),
    ratioUploaded: ratio(odd.run.uploadedMs, beds.run.uploadedMs),
    ratioCpu: ratio(cpuOf(odd.run), cpuOf(beds.run)),
    run: odd.run,
    beds: beds.run,
    missingWhenUsable: odd.missingWhenUsable + beds.missingWhenUsable,
    missing: odd.run.missing + beds.run.missing,
  };
}

async function main(): Promise<void> {
  const asked = readArguments();
  if (asked === null) {
    console.log(usage);
    return;
  }
  const result = asked.shape === "beds" ? await besideRealm(asked) : await besideBeds(asked);
  if (asked.json) console.log(JSON.stringify(result));
  else console.log(result);
  const isWhole = !("after" in result) || result.after.unreachable === 0;
  process.exitCode = result.missing + result.missingWhenUsable === 0 && isWhole ? 0 : 1;
}

main().catch((error: Error) => {
  console.error(`It could not be measured: ${error.message}`);
  process.exit(1);
});
