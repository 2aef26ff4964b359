/** `npm test`: everything a newcomer should trust, the window included. */
import { checkPieces, endToEndPiece, soakPiece, storiesPiece } from "./checks/pieces.mjs";
import { runPieces } from "./checks/run-pieces.mjs";

process.exitCode = await runPieces(() => [...checkPieces(), storiesPiece(), soakPiece(), endToEndPiece()]);
