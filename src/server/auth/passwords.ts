/** Passwords as scrypt hashes. The parameters stand in the hash, so that stronger ones can follow later. */
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

const current = { cost: 2 ** 15, blockSize: 8, parallelization: 1 };
const keyBytes = 32;

/** At most this many at a time: each takes 32 MB and a core for a moment. */
const maxConcurrent = 2;
const maxWaiting = 200;

let running = 0;
const waiting: (() => void)[] = [];

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const { cost, blockSize, parallelization } = current;
  const key = await derive(password, salt, current);
  return ["scrypt", cost, blockSize, parallelization, salt.toString("base64"), key.toString("base64")].join(
    "$",
  );
}

/** Without a hash to compare with it takes as long and answers false: nobody learns which accounts exist. */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [name, cost, blockSize, parallelization, salt, key] = (hash ?? (await decoy())).split("$");
  if (name !== "scrypt" || salt === undefined || key === undefined) return false;
  const parameters = {
    cost: Number(cost),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
  };
  const expected = Buffer.from(key, "base64");
  const actual = await derive(password, Buffer.from(salt, "base64"), parameters);
  return timingSafeEqual(actual, expected) && hash !== undefined;
}

let decoyHash: Promise<string> | undefined;

function decoy(): Promise<string> {
  decoyHash ??= hashPassword(randomBytes(16).toString("hex"));
  return decoyHash;
}

async function derive(password: string, salt: Buffer, parameters: typeof current): Promise<Buffer> {
  if (running >= maxConcurrent) {
    if (waiting.length >= maxWaiting) throw new Error("too many log-ins at once");
    await new Promise<void>((resume) => waiting.push(resume));
  } else {
    running += 1;
  }
  try {
    return await new Promise((resolve, reject) => {
      const options = { ...parameters, maxmem: 256 * 1024 * 1024 };
      // One spelling of each character, however the keyboard composed it.
      scrypt(password.normalize("NFKC"), salt, keyBytes, options, (error, key) =>
        error ? reject(error) : resolve(key),
      );
    });
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}
