import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeSafeStorage } from "./safe-storage";

let folder: string;
const storageAt = (name: string) =>
  makeSafeStorage(
    () => join(folder, name),
    () => true,
  );

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stand-in-safe-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test("a text comes back in a later run, and looks different each time it is encrypted", () => {
  const encrypted = storageAt("key").encryptString("a token");
  const again = storageAt("key");
  expect(again.decryptString(encrypted)).toBe("a token");
  expect(again.encryptString("a token").equals(encrypted)).toBe(false);
});

test("what was changed, made with another key or not encrypted at all is refused", () => {
  const storage = storageAt("key");
  const encrypted = storage.encryptString("a token");
  encrypted[encrypted.length - 1] = (encrypted.at(-1) as number) ^ 1;
  expect(() => storage.decryptString(encrypted)).toThrow("it was changed, or made with another key");
  const foreign = storageAt("other").encryptString("a token");
  expect(() => storage.decryptString(foreign)).toThrow("it was changed, or made with another key");
  expect(() => storage.decryptString(Buffer.from("plain"))).toThrow("it was not made by safeStorage");
});

test("a damaged key file is reported and never replaced", () => {
  writeFileSync(join(folder, "key"), "short");
  expect(() => storageAt("key").encryptString("a token")).toThrow("is damaged");
});

test("it is not available before the app is ready", () => {
  const early = makeSafeStorage(
    () => join(folder, "key"),
    () => false,
  );
  expect(early.isEncryptionAvailable()).toBe(false);
  expect(() => early.encryptString("a token")).toThrow("before app is ready");
});
