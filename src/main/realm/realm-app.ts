// Log-in through Realm's App. Creating it is an act with consequences: Realm carries out every stored order
// (moves or deletes realm files) at once, so src/main/reset must have made its copies before.

import { Realm } from "./realm";
import { describeError } from "./realm-errors";

export type LoginError =
  | { readonly kind: "unreachable"; readonly message: string }
  | { readonly kind: "refused"; readonly message: string };

export type LoginResult = { readonly kind: "ok"; readonly user: Realm.User } | LoginError;

export type SyncUser = Realm.User;

export type RealmApp = {
  readonly currentUser: () => SyncUser | null;
  readonly logIn: (email: string, password: string) => Promise<LoginResult>;
  readonly register: (email: string, password: string) => Promise<LoginResult>;
  /** Makes an account for whoever is signed in without one; the user and the notes stay the same. */
  readonly giveAccount: (email: string, password: string) => Promise<LoginResult>;
  readonly logInAnonymously: () => Promise<LoginResult>;
  readonly logOut: () => Promise<void>;
  /**
   * Carries out, without a restart, the order that Realm has stored for this file: what Realm calls initiating the
   * client reset. Realm must have the file open nowhere. Answers why it could not be done, or null.
   */
  readonly carryOutOrder: (originalPath: string) => string | null;
  /** Tries now to reach the server, instead of after a delay that grows to minutes while it is away. */
  readonly reconnect: () => void;
};

/** `process.cwd()` must be the data folder: Realm has no other way to be told. One per process. */
export function openRealmApp(appId: string, serverUrl: string): RealmApp {
  const app = new Realm.App({ id: appId, baseUrl: serverUrl });
  Realm.App.Sync.setLogLevel(app, "error");

  async function attempt(credentials: Realm.Credentials): Promise<LoginResult> {
    try {
      return { kind: "ok", user: await app.logIn(credentials) };
    } catch (error) {
      return loginError(error);
    }
  }

  return {
    currentUser: () => app.currentUser,
    logIn: (email, password) => attempt(Realm.Credentials.emailPassword(email, password)),
    async register(email, password) {
      try {
        await app.emailPasswordAuth.registerUser({ email, password });
      } catch (error) {
        return loginError(error);
      }
      return attempt(Realm.Credentials.emailPassword(email, password));
    },
    async giveAccount(email, password) {
      const user = app.currentUser;
      if (user === null) return { kind: "refused", message: "Nobody is signed in." };
      try {
        await app.emailPasswordAuth.registerUser({ email, password });
      } catch (error) {
        const problem = loginError(error);
        // Made by an earlier try that came no further, perhaps: whoever knows its password may have it, as long as
        // nobody has ever signed in to it. The server decides.
        if (problem.kind === "unreachable" || !isNameInUse(error)) return problem;
      }
      try {
        await user.linkCredentials(Realm.Credentials.emailPassword(email, password));
      } catch (error) {
        return loginError(error);
      }
      return { kind: "ok", user };
    },
    logInAnonymously: () => attempt(Realm.Credentials.anonymous()),
    async logOut() {
      try {
        await app.currentUser?.logOut();
      } catch (error) {
        // A server that cannot be told is told by nobody: here the person is signed out all the same.
        if (app.currentUser !== null) throw error;
      }
    },
    carryOutOrder(originalPath) {
      try {
        Realm.App.Sync.initiateClientReset(app, originalPath);
        return null;
      } catch (error) {
        return describeError(error);
      }
    },
    reconnect: () => Realm.App.Sync.reconnect(app),
  };
}

function isNameInUse(error: unknown): boolean {
  return /name already in use/i.test(describeError(error));
}

function loginError(error: unknown): LoginError {
  const message = describeError(error);
  const unreachable = /ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|fetch|network|request to/i.test(message);
  return unreachable
    ? {
        kind: "unreachable",
        message: "The server cannot be reached. Check the address and the network, then try again.",
      }
    : { kind: "refused", message };
}
