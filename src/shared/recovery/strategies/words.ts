// The strategies in the words of whoever has to choose one: in the settings, in the report and on the command line.

import type { StrategyName } from "../plan-types";

export type StrategyWords = { readonly title: string; readonly text: string };

export const strategyWords: Readonly<Record<StrategyName, StrategyWords>> = {
  merge: {
    title: "Combine both sides, note by note",
    text: "Your changes and everybody else's are put together. Where both changed the same line, both versions stay. Nothing is lost.",
  },
  "track-objects": {
    title: "Put my changed notes over the server's, whole",
    text: "A note you changed replaces the server's version of it, also what others changed in it meanwhile.",
  },
  "track-fields": {
    title: "Put my changes over the server's, part by part",
    text: "Of a note you changed, only the text, the place or the deletion that you changed replaces the server's.",
  },
  "track-updates": {
    title: "Repeat my changes on the server's notes",
    text: "Every change of yours that was not synced is made again, with your latest version of what it changed.",
  },
  "overwrite-backend": {
    title: "Make the server like this computer",
    text: "Every note here replaces the server's. What others changed since you last synced is replaced too. For notes that nobody else writes.",
  },
  discard: {
    title: "Take the server's notes",
    text: "Your changes that were not synced are left out. The report lists them, and each can be put back from there.",
  },
};
