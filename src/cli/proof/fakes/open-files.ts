// Stands for src/main/realm/open-files.ts: a realm's file is closed once its session is.

import type * as real from "../../../main/realm/open-files";
import { currentMachine, theWorld } from "../machines";
import { moment } from "../simulation";

export const isProvedClosed: typeof real.isProvedClosed = async (path) => {
  const { process } = currentMachine();
  await moment(20);
  return ![...theWorld().sessions].some((session) => session.process === process && session.path === path);
};

// Fails to compile when something new is to be simulated.
({ isProvedClosed }) satisfies typeof real;
