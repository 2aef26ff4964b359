/**
 * Which ways of signing in a server offers. They stand in `auth.json` in the data directory, for people to read and
 * edit; a running server follows the file. Without the file: anonymous users, and e-mail addresses open to everybody.
 * Secrets and keys stand in files of their own, and none of it is part of a backup.
 */
import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";

const keySource = z.union([
  z.strictObject({ secretFile: z.string().min(1) }),
  z.strictObject({ publicKeyFile: z.string().min(1) }),
  z.strictObject({ jwksFile: z.string().min(1) }),
  z.strictObject({ jwksUrl: z.string().min(1) }),
]);

const customToken = z
  .strictObject({
    algorithm: z.enum(["HS256", "RS256"]),
    key: keySource,
    /** Tokens must name one of these; empty: any. */
    audience: z.array(z.string().min(1)).default([]),
    issuer: z.string().min(1).optional(),
    /** Field of the user's profile to the claim it is taken from; dots lead into objects. */
    profile: z.record(z.string().regex(/^\w{1,64}$/), z.string().min(1)).default({}),
  })
  .superRefine(({ algorithm, key }, context) => {
    const isSecret = "secretFile" in key;
    if (isSecret !== (algorithm === "HS256")) {
      const message = isSecret
        ? "RS256 needs a public key: publicKeyFile, jwksFile or jwksUrl"
        : "HS256 needs a shared secret: secretFile";
      context.addIssue({ code: "custom", path: ["key"], message });
    }
    if ("jwksUrl" in key && !isSafeUrl(key.jwksUrl)) {
      const message = "must be an https address, or http on this machine";
      context.addIssue({ code: "custom", path: ["key", "jwksUrl"], message });
    }
  });

const authConfig = z.strictObject({
  anonymous: z.boolean().default(true),
  emailPassword: z.boolean().default(true),
  /** Closed: only the operator makes accounts. */
  registration: z.enum(["open", "closed"]).default("open"),
  customToken: customToken.optional(),
});

export type AuthConfig = z.infer<typeof authConfig>;
export type CustomTokenConfig = z.infer<typeof customToken>;

export type ReadAuthConfig =
  | { readonly kind: "ok"; readonly config: AuthConfig }
  | { readonly kind: "bad"; readonly message: string };

export function authConfigPath(dataDir: string): string {
  return join(dataDir, "auth.json");
}

export function readAuthConfig(dataDir: string): ReadAuthConfig {
  const path = authConfigPath(dataDir);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      return { kind: "ok", config: authConfig.parse({}) };
    return { kind: "bad", message: `${path} cannot be read: ${(error as Error).message}` };
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { kind: "bad", message: `${path} is not JSON: ${(error as Error).message}` };
  }
  return checkAuthConfig(json, path);
}

/** @param where what to call the configuration in what is said about it */
export function checkAuthConfig(json: unknown, where: string): ReadAuthConfig {
  const parsed = authConfig.safeParse(json);
  if (parsed.success) return { kind: "ok", config: parsed.data };
  const lines = parsed.error.issues.map(
    ({ path, message }) => `${path.join(".") || "the whole"}: ${message}`,
  );
  return { kind: "bad", message: `${where}: ${lines.join("; ")}` };
}

/** File names in the configuration are relative to the data directory. */
export function keyPath(dataDir: string, name: string): string {
  return resolve(dirname(authConfigPath(dataDir)), name);
}

/** The configuration as it is now. A file that became bad is said once, and what was valid before stays in force. */
export class AuthConfigFile {
  readonly #dataDir: string;
  readonly #report: (message: string) => void;
  #stamp = "";
  #config: AuthConfig;

  /** `initial` must have been read from the same directory. */
  constructor(dataDir: string, initial: AuthConfig, report: (message: string) => void) {
    this.#dataDir = dataDir;
    this.#config = initial;
    this.#report = report;
    this.#stamp = this.#stampNow();
  }

  current(): AuthConfig {
    const stamp = this.#stampNow();
    if (stamp === this.#stamp) return this.#config;
    this.#stamp = stamp;
    const read = readAuthConfig(this.#dataDir);
    if (read.kind === "ok") this.#config = read.config;
    else this.#report(read.message);
    return this.#config;
  }

  #stampNow(): string {
    const stat = statSync(authConfigPath(this.#dataDir), { bigint: true, throwIfNoEntry: false });
    return stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs}` : "none";
  }
}

function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  if (protocol === "https:") return true;
  return protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
}
