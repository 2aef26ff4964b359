/** Step: Realm's native module, built by the recipe under native/ or taken from its cache. */
import { buildRealm, explainFailure } from "../../native/build-realm.mjs";
import { describeRealmBuild, isModuleInPlace } from "../../native/realm-build.mjs";
import { exitCodes, failed, ready } from "./outcome.mjs";

const notes = { "in-place": "present", "from-cache": "taken from the cache", built: "built" };

/** @type {import("./outcome.mjs").SetupStep} */
export const realmModuleStep = {
  name: "Realm's native module",
  async run({ progress }) {
    if (isModuleInPlace(describeRealmBuild())) return ready(notes["in-place"]);
    const outcome = await progress.during("putting Realm's native module in place", (update) =>
      buildRealm((event) => update(event.kind === "step" ? event.text : countCompiled(event))),
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

/** @param {{ done: number, total: number }} event */
function countCompiled({ done, total }) {
  return `[${done}/${total}] compiling Realm, once for this machine`;
}
