// Why a server resets its clients, as a part of the story: what the operator does and when, and what a client must
// have been told. The story itself (play.ts) is the same for all of them.

import type { ResetCause } from "../../shared/recovery/plan-types";
import type { HeadlessClient } from "./headless-client";
import type { ServerProcess } from "./server-process";

export type Stage = {
  readonly folder: string;
  readonly server: ServerProcess;
  readonly laptop: HeadlessClient;
  readonly phone: HeadlessClient;
  /** The laptop's, for a cause that starts it again. */
  readonly crashAt: string | null;
  readonly say: (line: string) => void;
};

export type Cause = {
  /** For the usage of the command. */
  readonly title: string;
  /** What each client that is reset must have been told by the server, and what its report must call it. */
  readonly expected: { readonly codes: readonly number[]; readonly cause: ResetCause };
  /** Whether the phone, online all the time, is reset as well. */
  readonly resetsPhone: boolean;
  /** The schema that both apps have at first, and that a new one must have in the end, where it is not the present one. */
  readonly firstSchema?: string;
  readonly lastSchema?: string;
  /** Everything is in sync; more is typed after it. */
  readonly prepare?: (stage: Stage) => Promise<void>;
  /** The laptop is offline with edits of its own, the phone is in sync. */
  readonly strike: (stage: Stage) => Promise<void>;
  /** How the laptop comes back; otherwise it just goes online. */
  readonly comeBack?: (stage: Stage) => Promise<void>;
  /** What must be done before a client that was told to reset is started again. */
  readonly beforeRestart?: (client: HeadlessClient, stage: Stage) => Promise<void>;
  /** What else must be true of a client that was reset, once it has recovered. Throws where it is not. */
  readonly verify?: (client: HeadlessClient, stage: Stage) => Promise<void>;
};
