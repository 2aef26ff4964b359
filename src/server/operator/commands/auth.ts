/** `perennial-server auth …`: shows and sets which ways of signing in there are. Writes auth.json, which people may edit. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  type AuthConfig,
  authConfigPath,
  checkAuthConfig,
  keyPath,
  type ReadAuthConfig,
  readAuthConfig,
} from "../../auth/auth-config";
import { writeFileDurably } from "../../storage/durable-file";
import { type Command, dataOption, parsed, UsageError } from "./command";

export const auth: Command = {
  summary: "which ways of signing in there are",
  help: `perennial-server auth show [--data DIR] [--json]
perennial-server auth set [options]

Shows or sets how users may sign in. The settings stand in auth.json in the data directory, which may be edited as
well; a running server follows it at once. Users who are signed in stay so.

  --data DIR                  where everything is kept (default: ./perennial-data); must exist
  --anonymous on|off          users without a name
  --email-password on|off     users with an e-mail address and a password
  --registration open|closed  whether users make accounts themselves; closed: only 'users create' does
  --jwt off                   no custom tokens
  --jwt HS256|RS256           custom tokens, signed with a shared secret or a private key; together with one of
    --jwt-secret-file FILE      the shared secret, 32 bytes or more (HS256)
    --jwt-public-key-file FILE  a public key or certificate, PEM (RS256)
    --jwt-jwks-file FILE        a set of JSON web keys (RS256)
    --jwt-jwks-url URL          where the issuer publishes them; https (RS256)
  --jwt-audience NAME         tokens must be meant for NAME; may be repeated
  --jwt-issuer NAME           tokens must come from NAME
  --jwt-profile FIELD=CLAIM   takes FIELD of the user's profile from a claim; may be repeated
  --json                      one JSON object on one line

FILEs are named relative to the data directory. The options for tokens replace all former ones.
Exit code 0: done. 1: not done, with the reason. 2: not understood.`,
  async run(args, terminal) {
    const { values, positionals } = parsed(() => parse(args));
    const [action, ...more] = positionals;
    if ((action !== "show" && action !== "set") || more.length > 0) {
      throw new UsageError("auth needs one of: show, set.");
    }
    const dataDir = resolve(values.data);
    const read = readAuthConfig(dataDir);
    // A file that is wrong can be mended by hand only: setting one thing must not throw the others away.
    const result = read.kind === "bad" || action === "show" ? read : set(dataDir, read.config, values);
    if (result.kind === "bad") {
      terminal.error(result.message);
      return 1;
    }
    terminal.print(JSON.stringify(result.config, null, values.json ? 0 : 2));
    return 0;
  },
};

const options = {
  ...dataOption,
  json: { type: "boolean", default: false },
  anonymous: { type: "string" },
  "email-password": { type: "string" },
  registration: { type: "string" },
  jwt: { type: "string" },
  "jwt-secret-file": { type: "string" },
  "jwt-public-key-file": { type: "string" },
  "jwt-jwks-file": { type: "string" },
  "jwt-jwks-url": { type: "string" },
  "jwt-audience": { type: "string", multiple: true },
  "jwt-issuer": { type: "string" },
  "jwt-profile": { type: "string", multiple: true },
} as const;

const keyOptions = {
  "jwt-secret-file": "secretFile",
  "jwt-public-key-file": "publicKeyFile",
  "jwt-jwks-file": "jwksFile",
  "jwt-jwks-url": "jwksUrl",
} as const;

type Values = ReturnType<typeof parse>["values"];

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, options });
}

function set(dataDir: string, former: AuthConfig, values: Values): ReadAuthConfig {
  const path = authConfigPath(dataDir);
  if (!existsSync(dataDir)) return { kind: "bad", message: `There is no server data in ${dataDir}.` };
  const wanted = {
    ...former,
    ...(values.anonymous !== undefined && { anonymous: isOn("anonymous", values.anonymous) }),
    ...(values["email-password"] !== undefined && {
      emailPassword: isOn("email-password", values["email-password"]),
    }),
    ...(values.registration !== undefined && { registration: values.registration }),
    customToken: customTokenOf(former, values),
  };
  const checked = checkAuthConfig(JSON.parse(JSON.stringify(wanted)), "auth set");
  if (checked.kind === "bad") return checked;
  const missing = missingFile(dataDir, checked.config);
  if (missing !== undefined) return { kind: "bad", message: `auth set: there is no file ${missing}` };
  writeFileDurably(path, `${JSON.stringify(checked.config, null, 2)}\n`, 0o600);
  return checked;
}

function customTokenOf(former: AuthConfig, values: Values): unknown {
  const { jwt } = values;
  const given = Object.keys(values).filter((name) => name.startsWith("jwt-"));
  if (jwt === undefined || jwt === "off") {
    if (given.length > 0) throw new UsageError(`--${given[0]} goes with --jwt HS256 or --jwt RS256.`);
    return jwt === "off" ? undefined : former.customToken;
  }
  const key = Object.entries(keyOptions).flatMap(([option, name]) => {
    const value = values[option as keyof typeof keyOptions];
    return value === undefined ? [] : [[name, value] as const];
  });
  if (key.length !== 1) throw new UsageError("--jwt needs exactly one of the options that name a key.");
  const issuer = values["jwt-issuer"];
  return {
    algorithm: jwt,
    key: Object.fromEntries(key),
    audience: values["jwt-audience"] ?? [],
    ...(issuer !== undefined && { issuer }),
    profile: Object.fromEntries((values["jwt-profile"] ?? []).map(profileEntry)),
  };
}

function profileEntry(text: string): [string, string] {
  const [field = "", claim = ""] = text.split("=", 2);
  if (field === "" || claim === "") throw new UsageError("--jwt-profile must look like FIELD=CLAIM.");
  return [field, claim];
}

function isOn(option: string, text: string): boolean {
  if (text !== "on" && text !== "off") throw new UsageError(`--${option} must be on or off.`);
  return text === "on";
}

function missingFile(dataDir: string, { customToken }: AuthConfig): string | undefined {
  if (!customToken || "jwksUrl" in customToken.key) return undefined;
  const [name] = Object.values(customToken.key);
  const path = keyPath(dataDir, name ?? "");
  return existsSync(path) ? undefined : path;
}
