/** Ends an integration from anywhere within it; the upload is undone as a whole, and the client is told why. */
import type { SessionError } from "../protocol/session-error";

export class Refusal extends Error {
  readonly error: SessionError;

  constructor(error: SessionError) {
    super(error.message);
    this.error = error;
  }
}
