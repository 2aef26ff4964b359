/** `npm test`: everything a newcomer should trust, the window included. */
import { checkPieces, endToEndPiece, storiesPiece } from "./checks/pieces.mjs";
import { runPieces } from "./checks/run-pieces.mjs";

process.exitCode = await runPieces(() => [...checkPieces(), storiesPiece(), endToEndPiece()]);
