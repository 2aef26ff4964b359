// Makes a story that fails shorter: leaves out commands as long as the same oracle still complains.

import type { StoryPlan } from "./commands";

/** The shortest plan found; `fails` plays it. Deterministic, and stops after so many tries. */
export async function shrinkPlan(
  plan: StoryPlan,
  fails: (plan: StoryPlan) => Promise<boolean>,
  maxTries = 400,
): Promise<StoryPlan> {
  let best = plan;
  let tries = 0;
  for (
    let size = Math.ceil(best.commands.length / 2);
    size >= 1;
    size = size === 1 ? 0 : Math.ceil(size / 2)
  ) {
    for (let from = 0; from < best.commands.length && tries < maxTries; ) {
      const commands = [...best.commands.slice(0, from), ...best.commands.slice(from + size)];
      const shorter = { ...best, commands };
      tries += 1;
      if (await fails(shorter)) best = shorter;
      else from += size;
    }
  }
  for (const smaller of [{ machines: 1 }, { machines: 2 }, { notes: 1 }, { notes: 2 }]) {
    const changed = { ...best, ...smaller };
    if (changed.machines <= best.machines && changed.notes <= best.notes && (await fails(changed)))
      best = changed;
  }
  return best;
}
