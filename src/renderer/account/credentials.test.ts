import { describe, expect, it } from "vitest";
import { checkCredentials } from "./credentials";

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
