// Persons who go on writing while their machine recovers. What is answered counts like everything else; what is not
// answered for long may be done when the recovery is over, or never.

import { createRandom, type Random } from "../../shared/recovery/testing/random-world";
import type { Command } from "./commands";
import { act } from "./perform";
import type { Player } from "./player";
import { nowMs, runUntil } from "./simulation";
import type { Story } from "./story";

export type Meanwhile = {
  readonly random: Random;
  /** How much is still to be written, by machine, process, recovery and its state. */
  readonly left: Map<string, number>;
  written: number;
};

export function openMeanwhile(seed: number): Meanwhile {
  // Draws of its own, so that everything else is as it is where nobody writes.
  return { random: createRandom(seed * 104_729 + 11), left: new Map(), written: 0 };
}

const kinds = [
  "create",
  "edit",
  "edit",
  "edit",
  "cut",
  "rename",
  "move",
  "reorder",
  "trash",
  "restore",
  "undo",
] as const;

/** As `runFor`, with somebody at each machine who writes whenever a recovery lets them. */
export function runWriting(story: Story, lengthMs: number): void {
  const untilMs = nowMs() + lengthMs;
  for (;;) {
    let who: Player | undefined;
    const isWanted = () => {
      who = story.players.find((player) => wantsToWrite(story.meanwhile, player));
      return who !== undefined;
    };
    if (!runUntil(isWanted, Math.max(0, untilMs - nowMs())) || who === undefined) return;
    const { random } = story.meanwhile;
    const key = keyOf(who);
    story.meanwhile.left.set(key, (story.meanwhile.left.get(key) ?? 0) - 1);
    const any = () => random.below(1_000_000);
    const kind = random.pick(kinds);
    story.meanwhile.written += 1;
    const command: Command = { kind, machine: 0, a: any(), b: any(), c: any(), waitMs: 0 };
    writeMeanwhile(story, who, command, 1_000_000 + story.meanwhile.written);
  }
}

function wantsToWrite({ random, left }: Meanwhile, player: Player): boolean {
  if (player.resetState().kind === "idle" || !player.isWritableMeanwhile()) return false;
  const key = keyOf(player);
  const planned = left.get(key);
  if (planned !== undefined) return planned > 0;
  const many = random.pick([0, 0, 1, 1, 2, 4]);
  left.set(key, many);
  return many > 0;
}

function keyOf(player: Player): string {
  const state = player.resetState();
  const recovery = "facts" in state ? `${state.facts.resetId} ${state.facts.resetsToday}` : "";
  return `${player.machine.name} ${player.deaths()} ${recovery} ${state.kind}`;
}

/** Writes, if a recovery goes on there and lets it be, and writes down what was done. */
export function writeMeanwhile(story: Story, player: Player, command: Command, index: number): void {
  if (!player.isWritableMeanwhile()) return;
  const { ledger, counts, world } = story;
  const { name, online, deaf } = player.machine;
  const state = player.resetState().kind;
  const before = ledger.touches.length;
  let answer: ReturnType<Player["ask"]> | undefined;
  const ask: Player["ask"] = (channel, args, scope) => {
    const given = player.ask(channel, args, scope);
    answer = given;
    return given;
  };
  act(story, { ...player, ask }, command, index);
  const touched = ledger.touches.slice(before).filter(({ by }) => by === name);
  ledger.meanwhile.push(...touched);
  if (touched.length > 0) ledger.unsent.add(name);
  if (answer === null && player.isRunning()) ledger.late.push(...touched);
  if (answer?.kind !== "ok") return;
  counts[state === "downloading" ? "writtenInDownload" : "writtenLater"] += 1;
  if (state === "downloading" && online && !deaf && world.serverUp) counts.writtenInDownloadOnline += 1;
}
