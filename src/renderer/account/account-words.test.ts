import { describe, expect, it } from "vitest";
import { signOutWords } from "./account-words";

describe("signing out", () => {
  it("says what becomes of the notes", () => {
    expect(signOutWords(0, true, false)).toMatch(/stay on the server/);
    expect(signOutWords(1, true, false)).toMatch(/^1 change has not been synced yet\. Wait/);
    expect(signOutWords(2, true, true)).toMatch(/^2 changes have not been synced yet\. You are signed out/);
    expect(signOutWords(0, false, false)).toMatch(/no account.*safety copy/);
  });
});
