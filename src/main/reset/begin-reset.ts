// What begins a reset while the notes are open: an error that Realm tells of, or a person whose notes do not sync any
// more. Errors that begin none are told of. Only says that a reset was found; what is done then is in reset-work.ts.

import { randomUUID } from "node:crypto";
import type { ResetFacts } from "../../shared/reset-machine";
import type { Log } from "../log";
import type { SyncProblem } from "../realm/realm-errors";
import type { Session } from "../session";
import { causeOf, factsOf } from "./find-reset";
import type { ResetDriver } from "./reset-driver";

export type BeginReset = {
  readonly onProblem: (problem: SyncProblem) => void;
  /** What a server's reset does, asked for by a person. Only where no reset is under way and the notes are open. */
  readonly rebuild: () => void;
};

type Dependencies = {
  readonly driver: Pick<ResetDriver, "state" | "dispatch">;
  readonly session: () => Session | null;
  readonly lookWhoIsSignedIn: () => void;
  /** The person whose notes are open is signed out by the server, which is told of elsewhere. */
  readonly hasLogInEnded: () => boolean;
  readonly onChange: () => void;
  readonly now: () => number;
  readonly log: Log;
};

export function createBeginReset(dependencies: Dependencies): BeginReset {
  const { driver, onChange, now, log } = dependencies;

  function syncStopped(problem: SyncProblem, session: Session | null): void {
    if (dependencies.hasLogInEnded() && driver.state().kind === "idle") return;
    // One that was closed since has nothing to say any more.
    if (session === dependencies.session()) session?.noteSyncStopped(problem);
    // A recovery would wait for ever for what does not come.
    driver.dispatch({ kind: "failed", message: problem.message });
  }

  return {
    onProblem(problem) {
      log("warn", "sync error", { kind: problem.kind, code: problem.code, error: problem.message });
      const session = dependencies.session();
      // The server may have taken the log-in back.
      setImmediate(() => {
        dependencies.lookWhoIsSignedIn();
        if (problem.kind === "fatal") syncStopped(problem, session);
        onChange();
      });
      switch (problem.kind) {
        case "client-reset":
        case "delete-realm": {
          // A file that was closed since (another user's): the order is stored, and found when it is opened again.
          if (session === null || session.realm.path !== problem.originalPath) return;
          session.markReset();
          const about = { cause: causeOf(problem), code: problem.code, serverMessage: problem.message };
          driver.dispatch({ kind: "reset-found", facts: factsOfSession(session, about, now()) });
          return;
        }
        case "fatal":
          return;
        case "warning":
          onChange();
          return;
      }
    },
    rebuild() {
      const session = dependencies.session();
      if (session === null || driver.state().kind !== "idle") return;
      const { code = 0, message: serverMessage = "" } = session.syncStopped() ?? {};
      session.markReset();
      session.realm.pause();
      const about = { cause: "asked-for", order: "own", code, serverMessage } as const;
      driver.dispatch({ kind: "reset-found", facts: factsOfSession(session, about, now()) });
    },
  };
}

export function factsOfSession(
  { userId, generation, realm }: Session,
  about: Parameters<typeof factsOf>[2],
  atMs: number,
): ResetFacts {
  const file = { userId, generation, path: realm.path, earlierRecovered: [] };
  return factsOf(file, { resetId: randomUUID(), atMs }, about);
}
