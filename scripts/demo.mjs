/** `npm run demo`: sets up what is missing, then plays the story of a reset in the app's window. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { projectFolder, runSetup } from "./setup/run-setup.mjs";

const setupCode = await runSetup();
if (setupCode === 0) {
  const demo = [join(projectFolder, "node_modules", ".bin", "tsx"), join(projectFolder, "e2e", "demo.ts")];
  const { status } = spawnSync(demo[0] ?? "", demo.slice(1), { cwd: projectFolder, stdio: "inherit" });
  process.exitCode = status ?? 1;
} else {
  process.exitCode = setupCode;
}
