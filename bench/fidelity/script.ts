// From a story told in memory to what real clients have to do so that the very same world comes about: the deeds of
// each device in order, cut where the server's backup has to be made and where the server breaks. Pure.

import type { NoteId } from "../../src/shared/note";
import type { Deed } from "../../src/shared/recovery/testing/world";
import type { Step, Write } from "./peer-commands";

/** One device does these steps, and then it is another's turn. */
export type Turn =
  | { readonly kind: "steps"; readonly device: string; readonly steps: readonly Step[] }
  /** The device's changes reach the server, and the device does not know. */
  | { readonly kind: "upload-unheard"; readonly device: string };

export type Script = {
  /** Until the server is as its backup has it; all of it, where no backup is needed. */
  readonly beforeBackup: readonly Turn[];
  readonly untilBroken: readonly Turn[];
  readonly breaks: "restored" | "terminated";
  readonly loses:
    | { readonly kind: "notes"; readonly ids: readonly NoteId[] }
    | { readonly kind: "lists" }
    | null;
  /** What devices write between the server's break and their recovery, offline. */
  readonly afterBreak: readonly Turn[];
};

export function scriptOf(deeds: readonly Deed[]): Script {
  const breakAt = deeds.findIndex(({ kind }) => ["roll-back", "lose-notes", "lose-lists"].includes(kind));
  const broken = breakAt === -1 ? undefined : deeds[breakAt];
  const until = breakAt === -1 ? deeds : deeds.slice(0, breakAt);
  const after = breakAt === -1 ? [] : deeds.slice(breakAt + 1);
  const backupAt = broken?.kind === "roll-back" ? backupPlace(until, broken.toUpload) : until.length;
  const lastContact = new Map<string, number>();
  for (const [index, deed] of until.entries()) {
    if (deed.kind === "download" || (deed.kind === "upload" && !deed.isAckLost))
      lastContact.set(deed.device, index);
  }
  return {
    beforeBackup: turnsOf(until, 0, backupAt, lastContact),
    untilBroken: turnsOf(until, backupAt, until.length, lastContact),
    breaks: broken?.kind === "roll-back" ? "restored" : "terminated",
    loses:
      broken?.kind === "lose-notes"
        ? { kind: "notes", ids: broken.ids }
        : broken?.kind === "lose-lists"
          ? { kind: "lists" }
          : null,
    afterBreak: turnsOf(after, 0, after.length, new Map()),
  };
}

/** Before the upload of that number, and before the writes that a connected client would upload at once. */
function backupPlace(deeds: readonly Deed[], upload: number): number {
  let seen = 0;
  let at = deeds.findIndex((deed) => {
    if (deed.kind === "upload") seen += 1;
    return seen > upload;
  });
  if (at === -1) return deeds.length;
  const uploaded = deeds[at];
  if (uploaded?.kind !== "upload") return at;
  for (let before = deeds[at - 1]; before?.kind === "write"; before = deeds[at - 1]) {
    if (before.device !== uploaded.device) break;
    at -= 1;
  }
  return at;
}

function turnsOf(
  deeds: readonly Deed[],
  from: number,
  to: number,
  lastContact: ReadonlyMap<string, number>,
): Turn[] {
  const turns: { device: string; steps: Step[] }[] = [];
  const done: Turn[] = [];
  const stepsOf = (device: string): Step[] => {
    const last = turns.at(-1);
    if (last?.device === device) return last.steps;
    const turn = { device, steps: [] as Step[] };
    turns.push(turn);
    done.push({ kind: "steps", ...turn });
    return turn.steps;
  };
  for (let index = from; index < to; index += 1) {
    const deed = deeds[index]!;
    if (deed.kind === "write") addWrite(stepsOf(deed.device), deed);
    else if (deed.kind === "download") stepsOf(deed.device).push({ kind: "download" });
    else if (deed.kind === "upload" && !deed.isAckLost) stepsOf(deed.device).push({ kind: "upload" });
    else if (deed.kind === "upload") {
      done.push({ kind: "upload-unheard", device: deed.device });
      turns.push({ device: "", steps: [] });
    }
    // From its last word with the server on, a device is offline.
    if ("device" in deed && lastContact.get(deed.device) === index)
      stepsOf(deed.device).push({ kind: "pause" });
  }
  return done;
}

function addWrite(steps: Step[], { change, revision }: Write): void {
  const last = steps.at(-1);
  if (last?.kind === "write")
    steps[steps.length - 1] = { kind: "write", writes: [...last.writes, { change, revision }] };
  else steps.push({ kind: "write", writes: [{ change, revision }] });
}
