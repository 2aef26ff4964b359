/** The part of the acceptance suite (acceptance.ts) about accounts. */
import { beforeEach, describe, expect, it } from "vitest";
import type { StorageUnderTest } from "./acceptance";
import type { AccountStorage, Identity, LoginSession, User } from "./account-storage";
import type { Storage } from "./storage";

function user(id: string, more: Partial<User> = {}): User {
  return { id, createdAtMs: 1, isDisabled: false, profile: {}, ...more };
}

function email(name: string, userId: string): Identity {
  return { provider: "local-userpass", name, userId, passwordHash: `hash of ${name}` };
}

function session(id: string, userId: string, expiresAtMs = 20): LoginSession {
  return { id, userId, deviceId: `device ${id}`, expiresAtMs };
}

export function acceptAccounts({ open, reopen }: StorageUnderTest): void {
  describe("accounts", () => {
    let storage: Storage;
    let accounts: AccountStorage;

    beforeEach(() => {
      storage = open();
      accounts = storage.accounts;
    });

    it("are kept across a restart, whole", () => {
      const ada = user("u1", { lastLogInAtMs: 7, isDisabled: true, profile: { name: "Ada ❦", team: "" } });
      const reset = { id: "r", userId: "u1", tokenHash: "t", expiresAtMs: 9 };
      storage.transaction(() => {
        accounts.putUser(ada);
        accounts.putIdentity(email("ada@x", "u1"));
        accounts.putIdentity({ provider: "custom-token", name: "ada", userId: "u1" });
        accounts.insertLoginSession(session("s", "u1"));
        accounts.putPasswordReset(reset);
      });
      ({ accounts } = reopen(storage));
      expect(accounts.user("u1")).toEqual(ada);
      expect(accounts.identitiesOf("u1")).toEqual([
        { provider: "custom-token", name: "ada", userId: "u1" },
        email("ada@x", "u1"),
      ]);
      expect(accounts.loginSession("s")).toEqual(session("s", "u1"));
      expect(accounts.passwordReset("r")).toEqual(reset);
    });

    it("that are not there are undefined, and lists of nothing are empty", () => {
      expect(accounts.user("nobody")).toBeUndefined();
      expect(accounts.identity("local-userpass", "nobody")).toBeUndefined();
      expect(accounts.identitiesOf("nobody")).toEqual([]);
      expect(accounts.loginSession("none")).toBeUndefined();
      expect(accounts.passwordReset("none")).toBeUndefined();
      for (const all of [accounts.users(), accounts.identities(), accounts.loginSessions()]) {
        expect([...all]).toEqual([]);
      }
      accounts.deleteUser("nobody");
      accounts.deleteLoginSession("none");
    });

    it("are replaced by their new state, and listed in the order in which they came", () => {
      accounts.putUser(user("b", { createdAtMs: 1 }));
      accounts.putUser(user("c", { createdAtMs: 2 }));
      accounts.putUser(user("a", { createdAtMs: 2 }));
      accounts.putUser(user("b", { createdAtMs: 1, isDisabled: true }));
      expect([...accounts.users()].map(({ id, isDisabled }) => [id, isDisabled])).toEqual([
        ["b", true],
        ["a", false],
        ["c", false],
      ]);
    });

    it("have names that are unique per provider, and may change hands", () => {
      accounts.putIdentity(email("same", "a"));
      accounts.putIdentity({ provider: "custom-token", name: "same", userId: "b" });
      expect(accounts.identity("local-userpass", "same")?.userId).toBe("a");
      expect(accounts.identity("custom-token", "same")).toEqual({
        provider: "custom-token",
        name: "same",
        userId: "b",
      });
      expect(accounts.identity("local-userpass", "SAME")).toBeUndefined();
      accounts.putIdentity(email("same", "c"));
      expect(accounts.identitiesOf("a")).toEqual([]);
      expect([...accounts.identities()].map(({ provider, userId }) => [provider, userId])).toEqual([
        ["custom-token", "b"],
        ["local-userpass", "c"],
      ]);
    });

    it("take everything of theirs with them when they are deleted, and nothing of others", () => {
      for (const id of ["a", "b"]) {
        accounts.putUser(user(id));
        accounts.putIdentity(email(`${id}@x`, id));
        accounts.insertLoginSession(session(`session ${id}`, id));
        accounts.putPasswordReset({ id: `reset ${id}`, userId: id, tokenHash: "t", expiresAtMs: 9 });
      }
      accounts.deleteUser("a");
      expect([...accounts.users()].map(({ id }) => id)).toEqual(["b"]);
      expect([...accounts.identities()].map(({ name }) => name)).toEqual(["b@x"]);
      expect([...accounts.loginSessions()].map(({ id }) => id)).toEqual(["session b"]);
      expect(accounts.passwordReset("reset a")).toBeUndefined();
      expect(accounts.passwordReset("reset b")).toBeDefined();
    });

    it("forget log-ins one by one, by user with an exception, and when they are over", () => {
      for (const id of ["a1", "a2", "a3", "b1", "b2"]) {
        accounts.insertLoginSession(session(id, id.charAt(0), id === "b2" ? 10 : 20));
      }
      const ids = (): string[] => [...accounts.loginSessions()].map(({ id }) => id);
      accounts.deleteLoginSession("a1");
      expect(ids()).toEqual(["a2", "a3", "b1", "b2"]);
      accounts.deleteLoginSessionsOf("a", "a3");
      expect(ids()).toEqual(["a3", "b1", "b2"]);
      accounts.deleteLoginSessionsExpiredBy(10);
      expect(ids()).toEqual(["a3", "b1"]);
      accounts.deleteLoginSessionsOf("a");
      expect(ids()).toEqual(["b1"]);
    });

    it("forget the password resets of a user", () => {
      accounts.putPasswordReset({ id: "r1", userId: "a", tokenHash: "t", expiresAtMs: 9 });
      accounts.putPasswordReset({ id: "r2", userId: "b", tokenHash: "t", expiresAtMs: 9 });
      accounts.deletePasswordResetsOf("a");
      expect(["r1", "r2"].map((id) => accounts.passwordReset(id)?.id)).toEqual([undefined, "r2"]);
    });

    it("belong to the transaction they are written in", () => {
      accounts.putUser(user("a"));
      const work = (): void => {
        accounts.putUser(user("a", { isDisabled: true }));
        accounts.putIdentity(email("a@x", "a"));
        accounts.insertLoginSession(session("s", "a"));
        throw new Error("undo");
      };
      expect(() => storage.transaction(work)).toThrow("undo");
      expect(accounts.user("a")?.isDisabled).toBe(false);
      expect(accounts.identity("local-userpass", "a@x")).toBeUndefined();
      expect(accounts.loginSession("s")).toBeUndefined();
    });
  });
}
