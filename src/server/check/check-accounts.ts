/** Accounts: everybody can sign in, and no log-in or name leads to a user who is not there. */
import type { Problem, Storage } from "../storage/storage";

export function* accountProblems({ accounts }: Storage): Generator<Problem> {
  const users = new Set<string>();
  for (const { id } of accounts.users()) {
    users.add(id);
    if (accounts.identitiesOf(id).length === 0) yield { where: `user ${id}`, what: "has no way to sign in" };
  }
  for (const { provider, name, userId, passwordHash } of accounts.identities()) {
    const where = `log-in ${provider} ${name}`;
    if (!users.has(userId)) yield { where, what: `belongs to user ${userId}, who is not there` };
    if (provider !== "local-userpass") continue;
    if (!passwordHash || !/^scrypt(\$\d+){3}(\$[\w+/]+={0,2}){2}$/.test(passwordHash)) {
      yield { where, what: "has a password that nothing can be compared with" };
    }
  }
  for (const { id, userId } of accounts.loginSessions()) {
    if (!users.has(userId)) yield { where: `session ${id}`, what: `is of user ${userId}, who is not there` };
  }
}
