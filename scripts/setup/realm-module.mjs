/** Step: Realm's native module, built by the recipe under native/ or taken from its cache. */
import { buildRealm, explainFailure } from "../../native/build-realm.mjs";
import { describeRealmBuild, isModuleInPlace, mustCompile } from "../../native/realm-build.mjs";
import { exitCodes, failed, ready } from "./outcome.mjs";

const notes = { "in-place": "present", "from-cache": "taken from the cache", built: "built" };

/**
 * @param {"app" | "tests"} purpose the tests link a program of their own against Realm's static libraries
 * @returns {import("./outcome.mjs").SetupStep}
 */
export function realmModuleStep(purpose) {
  const want = { withLibraries: purpose === "tests" };
  return {
    name: "Realm's native module",
    async run({ progress }) {
      const build = describeRealmBuild();
      if (!mustCompile(build, want) && isModuleInPlace(build)) return ready(notes["in-place"]);
      const outcome = await progress.during("putting Realm's native module in place", (update) =>
        buildRealm(want, (event) => update(event.kind === "step" ? event.text : countCompiled(event))),
      );
      return "build" in outcome
        ? ready(notes[outcome.kind])
        : failed(
            exitCodes.realmModule,
            explainFailure(outcome),
            "Mend that and start again; it goes on where it stopped.",
          );
    },
  };
}

/** @param {{ done: number, total: number }} event */
function countCompiled({ done, total }) {
  return `[${done}/${total}] compiling Realm, once for this machine`;
}
