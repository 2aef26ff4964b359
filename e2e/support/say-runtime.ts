// Says in the test output which runtime the specs run on: real Electron, or the stand-in.

import { describeRuntime, findRuntime } from "../../scripts/runtime.mjs";

export default function sayRuntime(): void {
  const runtime = findRuntime();
  if (runtime.kind === "none") throw new Error(runtime.why);
  console.log(`The specs run on: ${describeRuntime(runtime)}.`);
}
