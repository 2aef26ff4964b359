import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeSafeStorage } from "../../scripts/stand-in/safe-storage";
import { unlockDataFolder } from "./data-key";
import { createFileKeyStore } from "./key-file";
import { openJournal } from "./notes/journal";
import { dataPaths } from "./paths";
import { keyBytes, keyIdOf } from "./sealed-file";
import { createKeyStore } from "./shell/key-store";

function folder(): string {
  return mkdtempSync(join(tmpdir(), "perennial-data-key-"));
}

function keyFile(content = randomBytes(keyBytes).toString("hex")): string {
  const file = join(folder(), "key");
  writeFileSync(file, `${content}\n`);
  return file;
}

const keysOf = (file: string | null) => createFileKeyStore(file, "--encryption-key-file");

/** Electron's own on this computer, as far as there is one, behind the keyring it would have elsewhere. */
function keyring(): ReturnType<typeof createKeyStore> {
  const storage = makeSafeStorage(
    () => join(kept, "keyring"),
    () => true,
  );
  return createKeyStore({ ...storage, getSelectedStorageBackend: () => "gnome_libsecret" });
}
const kept = folder();

describe("a data folder", () => {
  it("is plain unless it is wanted otherwise when it is made, and stays so", () => {
    const at = folder();
    const plain = { kind: "ok", sealing: { keyId: null }, warning: null };
    expect(unlockDataFolder(at, false, keysOf(null))).toMatchObject(plain);
    expect(readdirSync(at)).toEqual([]);
    mkdirSync(dataPaths(at).local);
    const later = unlockDataFolder(at, true, keysOf(keyFile()));
    expect(later).toMatchObject({ ...plain, warning: expect.stringContaining("stay unencrypted") });
    expect(existsSync(dataPaths(at).encryption)).toBe(false);
  });

  it("that was made encrypted is opened with its key, asked for or not", () => {
    const at = folder();
    const file = keyFile();
    const made = unlockDataFolder(at, true, keysOf(file));
    const keyId = keyIdOf(Buffer.from(readFileSync(file, "utf8").trim(), "hex"));
    expect(made).toMatchObject({ kind: "ok", sealing: { keyId } });
    mkdirSync(dataPaths(at).local);
    for (const wanted of [true, false]) {
      expect(unlockDataFolder(at, wanted, keysOf(file))).toMatchObject({ kind: "ok", sealing: { keyId } });
    }
    expect(readFileSync(dataPaths(at).encryption, "utf8")).not.toContain(readFileSync(file, "utf8").trim());
  });

  it("that was made encrypted says what is wrong without its key, and is left as it is", () => {
    const at = folder();
    unlockDataFolder(at, true, keysOf(keyFile()));
    const before = readFileSync(dataPaths(at).encryption, "utf8");
    const wrongs = [
      [keysOf(null), "Give the file with its key: --encryption-key-file FILE."],
      [keysOf(join(at, "none")), "cannot be read"],
      [keysOf(keyFile("no key")), "holds no key"],
      [keysOf(keyFile()), "Start Perennial with the key that the folder was made with."],
      [keyring(), "Its key cannot be opened here"],
    ] as const;
    for (const [keys, message] of wrongs) {
      const locked = unlockDataFolder(at, true, keys);
      expect(locked).toMatchObject({ kind: "locked", message: expect.stringContaining(message) });
      expect(locked).toMatchObject({ message: expect.stringContaining("Nothing was changed.") });
    }
    expect(readFileSync(dataPaths(at).encryption, "utf8")).toBe(before);
    expect(readdirSync(at)).toEqual(["encryption.json"]);
  });

  it("is not taken for a plain one when the note about its key is gone or damaged", () => {
    const at = folder();
    const keys = keysOf(keyFile());
    const made = unlockDataFolder(at, true, keys);
    if (made.kind !== "ok") throw new Error(made.message);
    const header = { version: 1, userId: "u", generation: "g", ordinal: 1, createdAtMs: 0 } as const;
    openJournal(dataPaths(at).journals, header, 1, () => undefined, made.sealing).close();
    writeFileSync(dataPaths(at).encryption, "{");
    expect(unlockDataFolder(at, false, keys)).toMatchObject({ kind: "locked" });
    rmSync(dataPaths(at).encryption);
    expect(unlockDataFolder(at, false, keys)).toMatchObject({ kind: "locked" });
    expect(existsSync(dataPaths(at).encryption)).toBe(false);
  });

  it("is not made encrypted where the server beside it keeps the notes in plain", () => {
    const at = folder();
    const locked = unlockDataFolder(at, true, keyring(), { hasOwnServer: true });
    expect(locked).toMatchObject({ kind: "locked", message: expect.stringContaining("PERENNIAL_SERVER") });
    expect(readdirSync(at)).toEqual([]);
  });
});

describe("the system's key store", () => {
  it("gives a key back that lies in the folder only as it was sealed", () => {
    const at = folder();
    const made = unlockDataFolder(at, true, keyring());
    if (made.kind !== "ok") throw new Error(made.message);
    const key = Buffer.from(made.sealing.realm.encryptionKey ?? []);
    expect(key.length).toBe(keyBytes);
    const note = readFileSync(dataPaths(at).encryption, "utf8");
    for (const encoding of ["hex", "base64"] as const) expect(note).not.toContain(key.toString(encoding));
    const again = unlockDataFolder(at, false, keyring());
    expect(again.kind === "ok" && Buffer.from(again.sealing.realm.encryptionKey ?? []).equals(key)).toBe(
      true,
    );
  });

  it.runIf(process.platform === "linux")("is not used where Electron has no keyring behind it", () => {
    const at = folder();
    const storage = makeSafeStorage(
      () => join(kept, "keyring"),
      () => true,
    );
    const locked = unlockDataFolder(at, true, createKeyStore(storage));
    expect(locked).toMatchObject({ kind: "locked", message: expect.stringContaining("keyring") });
    expect(readdirSync(at)).toEqual([]);
  });
});
