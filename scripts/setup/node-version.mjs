/** Step: is the Node that runs this new enough? Nothing is installed. */
import { exitCodes, failed, ready } from "./outcome.mjs";

const oldest = [20, 19, 0];

/** @type {import("./outcome.mjs").SetupStep} */
export const nodeVersionStep = {
  name: "Node",
  run: () => checkNodeVersion(process.versions.node),
};

/** @param {string} version such as "20.20.2" @returns {import("./outcome.mjs").StepOutcome} */
export function checkNodeVersion(version) {
  const given = version.split(".").map(Number);
  const firstDifference = oldest.findIndex((part, at) => given[at] !== part);
  const isNewEnough =
    firstDifference === -1 || (given[firstDifference] ?? 0) > (oldest[firstDifference] ?? 0);
  return isNewEnough
    ? ready(version)
    : failed(
        exitCodes.nodeVersion,
        `Node ${oldest.join(".")} or newer is needed, and this is ${version}.`,
        "Install a newer one from https://nodejs.org or with your version manager, and start again.",
      );
}
