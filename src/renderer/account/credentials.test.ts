import { describe, expect, it } from "vitest";
import { checkCredentials, refusalWords } from "./credentials";

describe("checkCredentials", () => {
  it.each([
    ["", "secret1", "Enter your e-mail address."],
    ["someone", "secret1", "Enter an e-mail address like name@example.com."],
    ["a b@example.com", "secret1", "Enter an e-mail address like name@example.com."],
    ["someone@example.com", "", "Enter your password."],
    ["someone@example.com", "short", "Choose a password of at least six characters."],
  ])("tells somebody who creates an account with %j and %j what to do", (email, password, words) => {
    expect(checkCredentials("register", email, password)).toBe(words);
  });

  it("lets an address with spaces around it through, for they are taken off", () => {
    expect(checkCredentials("sign-in", " someone@example.com ", "secret1")).toBeNull();
  });
});

describe("what a server refuses", () => {
  it.each([
    ["invalid username/password", "The e-mail address or the password is wrong."],
    ["name already in use", "There is an account with this e-mail address already."],
    [
      "this log-in belongs to another account already",
      "There is an account with this e-mail address already.",
    ],
    [
      "Unable to refresh the user access token.",
      "The server has ended your log-in. Your notes are still on this computer; sign in again to go on.",
    ],
  ])("is said in plain words instead of %j", (said, words) => {
    expect(refusalWords(said)).toBe(words);
  });

  it("is said as it is where the window has no words for it", () => {
    expect(refusalWords("Too many attempts. Try again in 4 minutes.")).toBe(
      "Too many attempts. Try again in 4 minutes.",
    );
  });
});
