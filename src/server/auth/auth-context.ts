/** What the parts of signing in work with. */
import type { Storage } from "../storage/storage";
import type { AttemptLimit } from "./attempt-limit";
import type { AuthConfig } from "./auth-config";

/** Log-ins that are over. Whoever serves connections must end those that were opened by them. */
export type EndedLogIns =
  | { readonly kind: "logIn"; readonly sessionId: string }
  | { readonly kind: "user"; readonly userId: string; readonly exceptSessionId?: string };

export type AuthContext = {
  /** Asked for anew each time: a restore replaces it. */
  readonly storage: () => Storage;
  readonly config: () => AuthConfig;
  readonly attempts: AttemptLimit;
  readonly nowMs: () => number;
  readonly ended: (logIns: EndedLogIns) => void;
};
