/** What the operator does to accounts, on a running server or on its files. Decides, and says what came of it. */
import { randomBytes } from "node:crypto";
import type { Identity, User } from "../storage/account-storage";
import type { Storage } from "../storage/storage";
import type { EndedLogIns } from "./auth-context";
import { createEmailAccount, issuePasswordReset, normalizedEmail } from "./email-accounts";

/** `who` is an e-mail address, an id, or the name that custom tokens give. */
export type UserRequest =
  | { readonly action: "list" }
  | { readonly action: "create"; readonly who: string; readonly password?: string }
  | { readonly action: "delete" | "disable" | "enable" | "reset-password"; readonly who: string };

export type ListedUser = {
  readonly id: string;
  readonly logIns: readonly { readonly provider: Identity["provider"]; readonly name: string }[];
  readonly createdAt: string;
  /** Null: never. */
  readonly lastLogInAt: string | null;
  readonly isDisabled: boolean;
};

export type UserAnswer =
  | { readonly kind: "listed"; readonly users: readonly ListedUser[] }
  /** The password is there when it was made up here, and shown this once. */
  | { readonly kind: "created"; readonly id: string; readonly email: string; readonly password?: string }
  | { readonly kind: "deleted" | "disabled" | "enabled"; readonly id: string }
  | {
      readonly kind: "resetIssued";
      readonly id: string;
      readonly email: string;
      readonly token: string;
      readonly tokenId: string;
      readonly expiresAt: string;
    }
  | { readonly kind: "failed"; readonly message: string };

/** @param ended hears of log-ins that are over */
export async function administerUsers(
  storage: () => Storage,
  request: UserRequest,
  nowMs: number,
  ended: (logIns: EndedLogIns) => void,
): Promise<UserAnswer> {
  switch (request.action) {
    case "list":
      return {
        kind: "listed",
        users: [...storage().accounts.users()].map((user) => listed(storage(), user)),
      };
    case "create": {
      const password = request.password ?? randomBytes(12).toString("base64url");
      const created = await createEmailAccount(storage, request.who, password, nowMs);
      if (created.kind === "failed") return failed(`${request.who}: ${created.message}`);
      const { userId: id } = created;
      const isMadeUp = request.password === undefined;
      return { kind: "created", id, email: normalizedEmail(request.who), ...(isMadeUp && { password }) };
    }
    default: {
      const user = findUser(storage(), request.who);
      if (!user) return failed(`There is no account ${request.who}.`);
      return change(storage(), request.action, user, nowMs, ended);
    }
  }
}

function change(
  storage: Storage,
  action: "delete" | "disable" | "enable" | "reset-password",
  user: User,
  nowMs: number,
  ended: (logIns: EndedLogIns) => void,
): UserAnswer {
  const { id } = user;
  switch (action) {
    case "delete":
      storage.transaction(() => {
        storage.accounts.deleteUser(id);
        storage.deleteClientFilesOf(id);
      });
      ended({ kind: "user", userId: id });
      return { kind: "deleted", id };
    case "disable":
      storage.transaction(() => {
        storage.accounts.putUser({ ...user, isDisabled: true });
        storage.accounts.deleteLoginSessionsOf(id);
      });
      ended({ kind: "user", userId: id });
      return { kind: "disabled", id };
    case "enable":
      storage.transaction(() => storage.accounts.putUser({ ...user, isDisabled: false }));
      return { kind: "enabled", id };
    case "reset-password": {
      const identity = storage.accounts
        .identitiesOf(id)
        .find(({ provider }) => provider === "local-userpass");
      if (!identity) return failed(`Account ${id} has no password: it does not sign in by e-mail address.`);
      const { token, tokenId, expiresAtMs } = issuePasswordReset(storage, id, nowMs);
      const expiresAt = new Date(expiresAtMs).toISOString();
      return { kind: "resetIssued", id, email: identity.name, token, tokenId, expiresAt };
    }
  }
}

function findUser({ accounts }: Storage, name: string): User | undefined {
  const identity =
    accounts.identity("local-userpass", normalizedEmail(name)) ?? accounts.identity("custom-token", name);
  return accounts.user(identity?.userId ?? name);
}

function listed({ accounts }: Storage, { id, createdAtMs, lastLogInAtMs, isDisabled }: User): ListedUser {
  return {
    id,
    logIns: accounts.identitiesOf(id).map(({ provider, name }) => ({ provider, name })),
    createdAt: new Date(createdAtMs).toISOString(),
    lastLogInAt: lastLogInAtMs === undefined ? null : new Date(lastLogInAtMs).toISOString(),
    isDisabled,
  };
}

function failed(message: string): { kind: "failed"; message: string } {
  return { kind: "failed", message };
}
