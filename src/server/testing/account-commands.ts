/** What a test tells the client program to do with accounts, beside registering and logging in. Plain data. */
import type { Credentials } from "./client-commands";

export type AccountCommand =
  | {
      readonly kind: "changePassword";
      readonly email: string;
      readonly present: string;
      readonly password: string;
      /** Whether the server is shown which log-in asks. */
      readonly showsLogIn: boolean;
    }
  | {
      readonly kind: "resetPassword";
      readonly password: string;
      readonly token: string;
      readonly tokenId: string;
    }
  | { readonly kind: "sendResetEmail" | "confirmAgain"; readonly email: string }
  | { readonly kind: "link"; readonly credentials: Credentials }
  | { readonly kind: "logOut" | "removeUser" | "deleteUser" | "refresh" | "users" | "profile" }
  | { readonly kind: "switchUser"; readonly userId: string };

export type UserDump = { readonly id: string; readonly state: string; readonly isCurrent: boolean };

export type ProfileDump = {
  readonly profile: Readonly<Record<string, unknown>>;
  readonly providers: readonly string[];
};
