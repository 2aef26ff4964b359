// Whether a data folder is encrypted, decided once when it is made, and its key at every start. The folder keeps a
// note of it (`encryption.json`) with the key as the key store has sealed it, never the key. Runs before anything
// else looks at the folder: one that cannot be opened is left exactly as it is.

import { closeSync, existsSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readJson, writeDurably } from "./durable-file";
import { dataPaths } from "./paths";
import { createSealing, keyIdOf, linesMark, plainSealing, type Sealing } from "./sealed-file";

export type KeyResult =
  | { readonly kind: "ok"; readonly key: Uint8Array }
  /** What is wrong and what to do, in words for a person. */
  | { readonly kind: "failed"; readonly message: string };

/** Where keys are kept: the operating system's key store, or a file that somebody names. */
export type KeyStore = {
  /** A key for a new data folder, with what `open` needs to give it again; that is written into the folder. */
  readonly make: () => (KeyResult & { readonly kind: "failed" }) | MadeKey;
  readonly open: (sealedKey: string) => KeyResult;
};

export type MadeKey = { readonly kind: "ok"; readonly key: Uint8Array; readonly sealedKey: string };

export type Unlocked =
  | { readonly kind: "ok"; readonly sealing: Sealing; readonly warning: string | null }
  | { readonly kind: "locked"; readonly message: string };

const stored = z.strictObject({ version: z.literal(1), keyId: z.string(), sealedKey: z.string() });

const serverInside =
  "The server that Perennial brings along keeps the notes unencrypted in the same data folder, so encryption needs a " +
  "server of its own: start Perennial with PERENNIAL_SERVER, the address of one.";

/**
 * `wanted`: a folder that is new is to be encrypted. `hasOwnServer`: the embedded server runs in this folder. One that is not new stays as it was made. Writes nothing but
 * the note in a new folder that is to be encrypted.
 */
export function unlockDataFolder(
  dataDir: string,
  wanted: boolean,
  keys: KeyStore,
  { hasOwnServer } = { hasOwnServer: false },
): Unlocked {
  const paths = dataPaths(dataDir);
  const file = paths.encryption;
  const read = readJson(file);
  if (read.kind === "absent") {
    if (isUsed(paths)) return unmarked(paths, wanted);
    if (!wanted) return { kind: "ok", sealing: plainSealing, warning: null };
    return hasOwnServer ? locked(serverInside) : encryptNew(file, keys);
  }
  if (hasOwnServer) return locked(`The notes in ${dataDir} are encrypted. ${serverInside}`);
  const parsed = read.kind === "ok" ? stored.safeParse(read.value) : null;
  if (!parsed?.success) {
    return locked(
      `${file} cannot be read, and without it the notes cannot be opened. Put it back as it was.`,
    );
  }
  const opened = keys.open(parsed.data.sealedKey);
  if (opened.kind === "failed") return locked(`The notes in ${dataDir} are encrypted. ${opened.message}`);
  const keyId = keyIdOf(opened.key);
  if (keyId !== parsed.data.keyId) {
    return locked(
      `The notes in ${dataDir} are encrypted with the key ${parsed.data.keyId}, and this is the key ${keyId}. ` +
        "Start Perennial with the key that the folder was made with.",
    );
  }
  return { kind: "ok", sealing: createSealing(opened.key), warning: null };
}

function locked(message: string): Unlocked {
  return { kind: "locked", message: `${message} Nothing was changed.` };
}

function encryptNew(file: string, keys: KeyStore): Unlocked {
  const made = keys.make();
  if (made.kind === "failed") return locked(`The notes cannot be encrypted. ${made.message}`);
  const sealing = createSealing(made.key);
  const note = { version: 1, keyId: sealing.keyId, sealedKey: made.sealedKey };
  writeDurably(file, `${JSON.stringify(note, null, 2)}\n`);
  return { kind: "ok", sealing, warning: null };
}

/** A folder with notes and without the note about its key: made plain, or the note was lost. */
function unmarked(paths: ReturnType<typeof dataPaths>, wanted: boolean): Unlocked {
  if (hasSealedJournal(paths.journals)) {
    return locked(`The notes are encrypted, and ${paths.encryption} is missing. Put it back as it was.`);
  }
  const warning = `The notes in ${paths.dataDir} stay unencrypted: only a new data folder can be made encrypted.`;
  return { kind: "ok", sealing: plainSealing, warning: wanted ? warning : null };
}

function isUsed({ local, mongodbRealm, backups, reports }: ReturnType<typeof dataPaths>): boolean {
  return [local, mongodbRealm, backups, reports].some((each) => existsSync(each));
}

function hasSealedJournal(folder: string): boolean {
  if (!existsSync(folder)) return false;
  return readdirSync(folder).some(
    (name) => name.endsWith(".jsonl") && startsWith(join(folder, name), linesMark),
  );
}

function startsWith(file: string, mark: string): boolean {
  const handle = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(mark.length);
    readSync(handle, bytes, 0, bytes.length, 0);
    return bytes.toString("latin1") === mark;
  } finally {
    closeSync(handle);
  }
}
