/**
 * Brings a clone of the repository to where the app starts: each step looks first and acts only on what is
 * missing, so a second run takes a moment. Uses nothing but Node itself, because it runs before `npm ci`.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { appBuildStep } from "./app-build.mjs";
import { electronBinaryStep } from "./electron-binary.mjs";
import { nodeHeadersStep } from "./node-headers.mjs";
import { nodeVersionStep } from "./node-version.mjs";
import { npmPackagesStep } from "./npm-packages.mjs";
import { createProgress } from "./progress.mjs";
import { realmModuleStep } from "./realm-module.mjs";
import { systemPackagesStep } from "./system-packages.mjs";

export const projectFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * @typedef {{ quiet?: boolean, build?: boolean, purpose?: "app" | "tests" }} SetupOptions
 */

/**
 * @param {SetupOptions} [options]
 * @returns {Promise<number>} exit code, 0 when everything is in place; what failed has been printed
 */
export async function runSetup({ quiet = false, build = true, purpose = "app" } = {}) {
  const steps = [
    nodeVersionStep,
    npmPackagesStep,
    // Before the system packages: whether Chromium is needed depends on it.
    electronBinaryStep,
    systemPackagesStep(purpose),
    nodeHeadersStep(purpose),
    realmModuleStep(purpose),
    ...(build ? [appBuildStep] : []),
  ];
  const progress = createProgress({ quiet });
  const context = { projectFolder, environment: process.env, progress };
  for (const step of steps) {
    const outcome = await step.run(context);
    if (outcome.kind === "failed") {
      console.error(`\nSetup stopped at "${step.name}".\n${outcome.missing}\n\nWay out: ${outcome.wayOut}`);
      return outcome.exitCode;
    }
    progress.say(`${step.name}: ${outcome.note}`);
  }
  return 0;
}
