#!/usr/bin/env node
/** `perennial-server`: the program. What the commands do stands in operator/command-line.ts. */
import { runCommand } from "./operator/command-line";

runCommand(process.argv.slice(2), { print: console.log, error: console.error }).then(
  (exitCode) => {
    process.exitCode = exitCode;
    // Standard input may still be open, and so may the channel to a parent process.
    process.stdin.pause();
    process.channel?.unref();
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
