// What is said before somebody signs out. Pure.

import { plural } from "../design/words";

/** What an account is for, to somebody who writes without one. */
export function createAccountWords(embedded: boolean): string {
  return embedded
    ? "All your notes stay as they are. From then on they belong to the account, and you can sign out and in again."
    : "All your notes stay as they are. From then on they belong to the account, and you can sign in to them on your other computers.";
}

/** `hasAccount`: the notes belong to an account that can be signed in to again. */
export function signOutWords(pending: number, hasAccount: boolean, waiting: boolean): string {
  if (!hasAccount) {
    return "These notes belong to no account, so nobody can sign in to them again. Perennial keeps them in a safety copy on this computer, where you can read and export them.";
  }
  if (pending === 0) {
    return "Everything is synced. Your notes stay on the server and are here again when you sign in.";
  }
  const changes = `${plural(pending, "change")} ${pending === 1 ? "has" : "have"} not been synced yet.`;
  if (waiting) return `${changes} You are signed out as soon as the server has everything.`;
  return `${changes} Wait until the server has everything, or keep it in a safety copy on this computer: it is synced when you sign in here again.`;
}
