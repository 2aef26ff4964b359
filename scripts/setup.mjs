/** `npm run setup`: makes this clone ready to start. The work is in setup/. */
import { parseArgs } from "node:util";
import { exitCodes } from "./setup/outcome.mjs";
import { runSetup } from "./setup/run-setup.mjs";

const help = `Makes this clone ready to start: npm packages, Electron or its stand-in, system packages,
Realm's native module, the build. Does only what is missing.

  node scripts/setup.mjs [options]

  --no-build   leave out the app's build
  --for-tests  also what only the tests need
  --quiet      print failures only
  --help       this text

Environment:
  PERENNIAL_RUNTIME=electron|stand-in   what runs the app; without it Electron if it can be had
  ELECTRON_OVERRIDE_DIST_PATH=<folder>  an Electron that lies elsewhere
  PERENNIAL_CACHE_DIR=<folder>          where the built Realm module is kept (else XDG_CACHE_HOME, ~/.cache)

Exit codes: 0 ready, ${exitCodes.usage} wrong option, ${exitCodes.nodeVersion} Node too old, ${exitCodes.npmPackages} npm packages, ${exitCodes.systemPackages} system packages,
  ${exitCodes.realmModule} Realm's native module, ${exitCodes.runtime} nothing to run the app, ${exitCodes.appBuild} the app's build
`;

/** @returns {{ kind: "help" } | { kind: "setup", options: import("./setup/run-setup.mjs").SetupOptions } | { kind: "wrong", message: string }} */
function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: "boolean" },
        quiet: { type: "boolean" },
        "no-build": { type: "boolean" },
        "for-tests": { type: "boolean" },
      },
    });
    if (values.help) return { kind: "help" };
    return {
      kind: "setup",
      options: {
        quiet: values.quiet ?? false,
        build: !values["no-build"],
        purpose: values["for-tests"] ? "tests" : "app",
      },
    };
  } catch (error) {
    return { kind: "wrong", message: error instanceof Error ? error.message : String(error) };
  }
}

const request = readArguments();
if (request.kind === "help") {
  console.log(help);
} else if (request.kind === "wrong") {
  console.error(`${request.message}\n\n${help}`);
  process.exitCode = exitCodes.usage;
} else {
  process.exitCode = await runSetup(request.options);
}
