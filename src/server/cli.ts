#!/usr/bin/env node
/** `perennial-server`: the program. What the commands do stands in operator/command-line.ts. */
import { runCommand } from "./operator/command-line";

runCommand(process.argv.slice(2), { print: console.log, error: console.error }).then(
  (exitCode) => {
    process.exitCode = exitCode;
    // Standard input may still be open.
    process.stdin.pause();
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
