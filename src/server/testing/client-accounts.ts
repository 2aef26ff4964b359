/** The part of the client program (client.ts) that deals with accounts, by the SDK's own functions. */
import Realm from "realm";
import type { AccountCommand, ProfileDump, UserDump } from "./account-commands";
import type { Credentials } from "./client-commands";

/** Answers the user that is the program's from now on, if it is another. */
export type Performed = { readonly value?: unknown; readonly user?: Realm.User };

export async function performAccountCommand(
  command: AccountCommand,
  app: Realm.App,
  user: () => Realm.User,
): Promise<Performed> {
  const { emailPasswordAuth } = app;
  switch (command.kind) {
    case "changePassword": {
      const { email, password, present, showsLogIn } = command;
      const shown = showsLogIn ? [user().accessToken] : [];
      await emailPasswordAuth.callResetPasswordFunction({ email, password }, present, ...shown);
      return {};
    }
    case "resetPassword":
      await emailPasswordAuth.resetPassword(command);
      return {};
    case "sendResetEmail":
      await emailPasswordAuth.sendResetPasswordEmail(command);
      return {};
    case "confirmAgain":
      await emailPasswordAuth.resendConfirmationEmail(command);
      return {};
    case "link":
      await user().linkCredentials(sdkCredentials(command.credentials));
      return {};
    case "logOut":
      await user().logOut();
      return {};
    case "removeUser":
      await app.removeUser(user());
      return {};
    case "deleteUser":
      await app.deleteUser(user());
      return {};
    case "refresh":
      await user().refreshCustomData();
      return {};
    case "switchUser": {
      const wanted = app.allUsers[command.userId];
      if (!wanted) throw new Error(`there is no user ${command.userId}`);
      app.switchUser(wanted);
      return { user: wanted };
    }
    case "users":
      return {
        value: Object.values(app.allUsers).map(
          ({ id, state }): UserDump => ({ id, state, isCurrent: app.currentUser?.id === id }),
        ),
      };
    case "profile": {
      const { profile, identities } = user();
      const providers = identities.map(({ providerType }) => providerType).sort();
      return { value: { profile: { ...profile }, providers } satisfies ProfileDump };
    }
  }
}

export function sdkCredentials(credentials: Credentials): Realm.Credentials {
  switch (credentials.kind) {
    case "anonymous":
      return Realm.Credentials.anonymous();
    case "password":
      return Realm.Credentials.emailPassword(credentials.email, credentials.password);
    case "jwt":
      return Realm.Credentials.jwt(credentials.token);
  }
}
