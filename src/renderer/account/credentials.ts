// What can be said about an e-mail and a password before anybody is asked. Pure; the limits are those of the
// contract.

export type AccountDoor = "sign-in" | "register";

export const doorWords = {
  "sign-in": { tab: "Sign in", submit: "Sign in", busy: "Signing in…" },
  register: { tab: "Create account", submit: "Create account", busy: "Creating your account…" },
} as const;

const leastPassword = 6;

/** What is wrong, in words, or null. */
export function checkCredentials(door: AccountDoor, email: string, password: string): string | null {
  const address = email.trim();
  if (address === "") return "Enter your e-mail address.";
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address)) return "Enter an e-mail address like name@example.com.";
  if (password === "") return "Enter your password.";
  if (password.length < leastPassword) {
    return door === "register"
      ? "Choose a password of at least six characters."
      : "That password is too short: every password has at least six characters.";
  }
  return null;
}

const refusals: readonly (readonly [said: RegExp, words: string])[] = [
  [/invalid username\/password/i, "The e-mail address or the password is wrong."],
  [/name already in use/i, "There is an account with this e-mail address already."],
  [/belongs to another account/i, "There is an account with this e-mail address already."],
  [
    /refresh the user access token|invalid session/i,
    "The server has ended your log-in. Your notes are still on this computer; sign in again to go on.",
  ],
  [/email invalid/i, "Enter an e-mail address like name@example.com."],
  [/account is disabled/i, "This account is switched off. Ask whoever runs the server."],
  [/switched off on this server/i, "This server lets nobody in that way. Ask whoever runs it."],
  [/made by whoever runs this server/i, "New accounts are made by whoever runs this server. Ask there."],
];

/** What a server said, in the words of the window; what is not known stays as it was said. */
export function refusalWords(message: string): string {
  return refusals.find(([said]) => said.test(message))?.[1] ?? message;
}
