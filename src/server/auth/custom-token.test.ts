import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base64url, type CryptoKey, exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AuthConfig, type CustomTokenConfig, checkAuthConfig } from "./auth-config";
import { CustomTokens } from "./custom-token";

const directory = mkdtempSync(join(tmpdir(), "perennial-tokens-"));
const nowMs = Date.UTC(2030, 0, 1);
const secret = "0123456789abcdef0123456789abcdef";
const tokens = new CustomTokens(directory, () => nowMs);
let keys: { publicKey: CryptoKey; privateKey: CryptoKey };
let pem: string;
let http: Server;
let jwksUrl: string;

beforeAll(async () => {
  keys = await generateKeyPair("RS256", { extractable: true });
  pem = await exportSPKI(keys.publicKey);
  const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: "one", alg: "RS256" }] });
  writeFileSync(join(directory, "secret"), `${secret}\n`);
  writeFileSync(join(directory, "public.pem"), pem);
  writeFileSync(join(directory, "jwks.json"), jwks);
  writeFileSync(join(directory, "short"), "too short");
  http = createServer((request, response) => {
    response.statusCode = request.url === "/keys" ? 200 : 404;
    response.end(jwks);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  jwksUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}/keys`;
});

afterAll(() => {
  http.close();
  rmSync(directory, { recursive: true });
});

function config(customToken: object): CustomTokenConfig {
  const read = checkAuthConfig({ customToken }, "test");
  if (read.kind === "bad" || !read.config.customToken) throw new Error(JSON.stringify(read));
  return read.config.customToken;
}

const hs256 = (more: object = {}) => config({ algorithm: "HS256", key: { secretFile: "secret" }, ...more });
const rs256 = (key: object, more: object = {}) => config({ algorithm: "RS256", key, ...more });

type Signing = { alg?: string; key?: CryptoKey | Uint8Array; kid?: string; expiresInSeconds?: number | null };

function sign(
  claims: Record<string, unknown>,
  { alg = "HS256", key, kid, expiresInSeconds = 60 }: Signing = {},
) {
  const jwt = new SignJWT({ sub: "ada", ...claims }).setProtectedHeader({ alg, ...(kid && { kid }) });
  if (expiresInSeconds !== null) jwt.setExpirationTime(nowMs / 1000 + expiresInSeconds);
  return jwt.sign(key ?? new TextEncoder().encode(secret));
}

const signRs = (claims: Record<string, unknown> = {}, more: Signing = {}) =>
  sign(claims, { alg: "RS256", key: keys.privateKey, kid: "one", ...more });

describe("a custom token", () => {
  it("is taken when it is signed by the shared secret or by the private key, wherever the public one stands", async () => {
    const ok = { kind: "ok", subject: "ada" };
    expect(await tokens.check(hs256(), await sign({}))).toMatchObject(ok);
    for (const key of [{ publicKeyFile: "public.pem" }, { jwksFile: "jwks.json" }, { jwksUrl }]) {
      expect(await tokens.check(rs256(key), await signRs())).toMatchObject(ok);
    }
  });

  it("is refused when anything about it is not as it must be, in words and without repeating it", async () => {
    const other = await generateKeyPair("RS256");
    const pub = rs256({ publicKeyFile: "public.pem" });
    const strict = hs256({ audience: ["notes", "more"], issuer: "https://issuer.example" });
    const right = { aud: "notes", iss: "https://issuer.example" };
    const none = `${base64url.encode('{"alg":"none"}')}.${base64url.encode('{"sub":"ada","exp":9999999999}')}.`;
    const cases: [string, CustomTokenConfig, string, RegExp][] = [
      ["expired", hs256(), await sign({}, { expiresInSeconds: -10 }), /expired/],
      ["without an end", hs256(), await sign({}, { expiresInSeconds: null }), /"exp"/],
      ["not valid yet", hs256(), await sign({ nbf: nowMs / 1000 + 60 }), /"nbf"/],
      ["of nobody", hs256(), await sign({ sub: "" }), /"sub"/],
      ["of no text", hs256(), await sign({ sub: undefined }), /"sub"/],
      ["by another secret", hs256(), await sign({}, { key: new Uint8Array(32) }), /not signed by/],
      ["by another key", pub, await sign({}, { alg: "RS256", key: other.privateKey }), /not signed by/],
      [
        "by the public key as a secret",
        pub,
        await sign({}, { key: new TextEncoder().encode(pem) }),
        /algorithm/,
      ],
      ["by nobody", hs256(), none, /algorithm/],
      ["by an unknown key of a set", rs256({ jwksUrl }), await signRs({}, { kid: "two" }), /not known here/],
      ["for another audience", strict, await sign({ ...right, aud: "mail" }), /"aud"/],
      ["for no audience", strict, await sign({ iss: right.iss }), /"aud"/],
      ["from another issuer", strict, await sign({ ...right, iss: "https://other.example" }), /"iss"/],
      ["that is none", hs256(), "nonsense", /not a token/],
    ];
    for (const [name, customToken, token, message] of cases) {
      const checked = await tokens.check(customToken, token);
      expect([name, checked.kind]).toEqual([name, "refused"]);
      if (checked.kind !== "refused") continue;
      expect(checked.message).toMatch(message);
      expect(checked.message).not.toContain(token.slice(0, 12));
    }
    expect(await tokens.check(strict, await sign({ ...right, aud: ["x", "more"] }))).toMatchObject({
      kind: "ok",
    });
  });

  it("fills the profile from its claims, plain values only", async () => {
    const profile = { name: "name", city: "address.city", role: "https://x.example/role", all: "address" };
    const claims = { name: "Ada", address: { city: 7 }, "https://x.example/role": true };
    expect(await tokens.check(hs256({ profile }), await sign(claims))).toMatchObject({
      profile: { name: "Ada", city: "7", role: "true" },
    });
  });

  it("cannot be checked without keys, which is not the token's fault", async () => {
    for (const customToken of [
      hs256({ key: { secretFile: "missing" } }),
      hs256({ key: { secretFile: "short" } }),
      rs256({ publicKeyFile: "secret" }),
      rs256({ jwksFile: "secret" }),
      rs256({ jwksUrl: jwksUrl.replace("/keys", "/nothing") }),
      rs256({ jwksUrl: "http://127.0.0.1:1/keys" }),
    ]) {
      const checked = await tokens.check(customToken, await signRs());
      expect([customToken.key, checked.kind]).toEqual([customToken.key, "noKeys"]);
    }
  });
});

describe("the configuration of log-ins", () => {
  it("is refused with the place and the reason of each mistake", () => {
    const cases: [object, string][] = [
      [{ anonymous: 1 }, "anonymous: "],
      [{ colour: "green" }, "colour"],
      [{ registration: "ajar" }, "registration: "],
      [{ customToken: { algorithm: "none", key: { secretFile: "x" } } }, "customToken.algorithm: "],
      [
        { customToken: { algorithm: "HS256", key: { jwksFile: "x" } } },
        "customToken.key: HS256 needs a shared secret",
      ],
      [
        { customToken: { algorithm: "RS256", key: { secretFile: "x" } } },
        "customToken.key: RS256 needs a public key",
      ],
      [
        { customToken: { algorithm: "RS256", key: { jwksUrl: "http://issuer.example" } } },
        "must be an https address",
      ],
      [{ customToken: { algorithm: "RS256", key: {} } }, "customToken.key: "],
    ];
    for (const [json, words] of cases) {
      const read = checkAuthConfig(json, "auth.json");
      expect(read.kind === "bad" ? read.message : "accepted").toContain(words);
    }
    const empty: AuthConfig = { anonymous: true, emailPassword: true, registration: "open" };
    expect(checkAuthConfig({}, "auth.json")).toEqual({ kind: "ok", config: empty });
  });
});
