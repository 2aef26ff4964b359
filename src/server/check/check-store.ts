/**
 * Reads a whole store and says what is wrong where: first whether everything can be read (that is the storage's own
 * part), then whether what was read makes sense together. Changes nothing. What it finds is for an operator: places
 * and facts, never what somebody wrote.
 */
import type { Problem, Storage } from "../storage/storage";
import { StorageTrouble } from "../storage/storage-trouble";
import { accountProblems } from "./check-accounts";
import { clientFileProblems, reciprocalProblems } from "./check-clients";
import { historyProblems } from "./check-history";
import { objectProblems } from "./check-objects";
import { queryableFieldProblems, settingProblems } from "./check-settings";

type Look = { readonly where: string; readonly problems: (storage: Storage) => Iterable<Problem> };

const looks: readonly Look[] = [
  { where: "settings", problems: settingProblems },
  { where: "queryable fields", problems: queryableFieldProblems },
  { where: "history", problems: historyProblems },
  { where: "objects", problems: objectProblems },
  { where: "client files", problems: clientFileProblems },
  { where: "reciprocals", problems: reciprocalProblems },
  { where: "accounts", problems: accountProblems },
];

/** Enough to see what kind of damage it is; a store that is damaged all over would fill the screen for ever. */
const maxProblems = 1000;

export function checkStore(storage: Storage): Problem[] {
  const problems = storage.integrityProblems();
  for (const look of looks) {
    try {
      for (const problem of look.problems(storage)) {
        if (problems.length >= maxProblems) {
          return [...problems, { where: "check", what: `stopped after ${maxProblems} problems` }];
        }
        problems.push(problem);
      }
    } catch (error) {
      // What a damaged store makes of this program's assumptions is nobody's bug.
      const what = error instanceof StorageTrouble ? error.message : "what stands there makes no sense";
      problems.push({ where: look.where, what: `could not be looked at to the end: ${what}` });
    }
  }
  return problems;
}
