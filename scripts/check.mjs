/** `npm run check`: types, lint and format, unit and property tests; what a change needs before it is committed. */
import { checkPieces } from "./checks/pieces.mjs";
import { runPieces } from "./checks/run-pieces.mjs";

process.exitCode = await runPieces(checkPieces);
