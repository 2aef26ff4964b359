/**
 * Everything about accounts that the SDK asks for over HTTP: registering, signing in by each provider, linking,
 * passwords, profile, refreshing, logging out, deleting. Paths and names are the SDK's. Each route says what it needs
 * from the request and hands it on; the decisions are in src/server/auth.
 */
import type { IncomingMessage } from "node:http";
import type { Accounts, Credentials, LoggedIn, Profile } from "../auth/accounts";
import type { AuthFailure } from "../auth/auth-failure";
import { invalidSession } from "../auth/auth-failure";
import type { EmailAccounts } from "../auth/email-accounts";
import { addressOf, BadRequest, bearer, errorReply, type Reply, readJson } from "./reply";

export type AccountApi = {
  readonly accounts: Accounts;
  readonly emailAccounts: EmailAccounts;
};

type Fields = Readonly<Record<string, unknown>>;

/**
 * @param route method and path below the interface's root, with `/app` for the served app: `POST /app/auth/…`
 * @returns undefined for a route that has nothing to do with accounts
 */
export async function answerAccounts(
  api: AccountApi,
  route: string,
  request: IncomingMessage,
): Promise<Reply | undefined> {
  const { accounts, emailAccounts } = api;
  switch (route) {
    case "POST /app/auth/providers/anon-user/login":
      await readJson(request);
      return signIn(api, request, { kind: "anonymous" });
    case "POST /app/auth/providers/local-userpass/login": {
      const { username, password } = texts(await readJson(request), "username", "password");
      return signIn(api, request, {
        kind: "password",
        email: username,
        password,
        address: addressOf(request),
      });
    }
    case "POST /app/auth/providers/custom-token/login": {
      const { token } = texts(await readJson(request), "token");
      return signIn(api, request, { kind: "customToken", token });
    }
    case "POST /app/auth/providers/local-userpass/register": {
      const { email, password } = texts(await readJson(request), "email", "password");
      const registered = await emailAccounts.register(email, password);
      return registered.kind === "ok" ? { status: 201, body: {} } : failed(registered);
    }
    case "POST /app/auth/providers/local-userpass/confirm":
    case "POST /app/auth/providers/local-userpass/confirm/send":
    case "POST /app/auth/providers/local-userpass/confirm/call":
      await readJson(request);
      // The same for every address: nobody learns which ones have accounts.
      return errorReply(400, "UserAlreadyConfirmed", "accounts on this server need no confirmation");
    case "POST /app/auth/providers/local-userpass/reset/send":
      await readJson(request);
      return errorReply(
        400,
        "BadRequest",
        "this server sends no e-mail; whoever runs it can give you a token to set a new password",
      );
    case "POST /app/auth/providers/local-userpass/reset": {
      const { password, token, tokenId } = texts(await readJson(request), "password", "token", "tokenId");
      const permission = { kind: "token", id: tokenId, token, address: addressOf(request) } as const;
      return done(await emailAccounts.setPassword(permission, password, undefined), 200);
    }
    case "POST /app/auth/providers/local-userpass/reset/call":
      return changePassword(api, request);
    case "GET /auth/profile": {
      const profile = await accounts.profile(bearer(request));
      return profile ? { status: 200, body: profileBody(profile) } : failed(invalidSession);
    }
    case "POST /auth/session": {
      const refreshed = await accounts.refresh(bearer(request));
      return refreshed.kind === "ok"
        ? { status: 201, body: { access_token: refreshed.accessToken } }
        : failed(refreshed);
    }
    case "DELETE /auth/session":
      return (await accounts.logOut(bearer(request))) ? { status: 204 } : failed(invalidSession);
    case "DELETE /auth/delete":
      return (await accounts.deleteOwn(bearer(request))) ? { status: 204 } : failed(invalidSession);
    default:
      return undefined;
  }
}

async function signIn(
  { accounts }: AccountApi,
  request: IncomingMessage,
  credentials: Credentials,
): Promise<Reply> {
  const { searchParams } = new URL(request.url ?? "", "http://server");
  const isLinking = searchParams.get("link") === "true";
  const result = isLinking
    ? await accounts.link(bearer(request), credentials)
    : await accounts.logIn(credentials);
  return result.kind === "ok" ? { status: 200, body: loggedInBody(result) } : failed(result);
}

/** The arguments after the new password: the present one, and the access token of the log-in that shall go on. */
async function changePassword(
  { accounts, emailAccounts }: AccountApi,
  request: IncomingMessage,
): Promise<Reply> {
  const body = await readJson(request);
  const { email, password } = texts(body, "email", "password");
  const given = (body as Fields).arguments;
  const [present, accessToken] = Array.isArray(given) ? (given as unknown[]) : [];
  if (typeof present !== "string") {
    throw new BadRequest("the present password must be given as the first argument");
  }
  const kept = typeof accessToken === "string" ? await accounts.access(accessToken) : undefined;
  const permission = { kind: "password", email, present, address: addressOf(request) } as const;
  return done(await emailAccounts.setPassword(permission, password, kept?.sessionId), 200);
}

function loggedInBody({ accessToken, refreshToken, userId, deviceId }: LoggedIn) {
  return { access_token: accessToken, refresh_token: refreshToken, user_id: userId, device_id: deviceId };
}

function profileBody({ user, identities }: Profile) {
  const email = identities.find(({ provider }) => provider === "local-userpass")?.name;
  return {
    user_id: user.id,
    domain_id: user.id,
    identities: identities.map(({ provider, name }) => ({
      id: provider === "anon-user" ? user.id : name,
      provider_type: provider,
      provider_id: user.id,
    })),
    data: { ...user.profile, ...(email !== undefined && { email }) },
    type: "normal",
  };
}

function done(result: { readonly kind: "ok" } | AuthFailure, status: number): Reply {
  return result.kind === "ok" ? { status, body: {} } : failed(result);
}

function failed({ status, code, message, retryAfterSeconds }: AuthFailure): Reply {
  const reply = errorReply(status, code, message);
  if (retryAfterSeconds === undefined) return reply;
  return { ...reply, headers: { "retry-after": String(retryAfterSeconds) } };
}

function texts<Name extends string>(body: unknown, ...names: readonly Name[]): Record<Name, string> {
  const fields = (typeof body === "object" && body !== null ? body : {}) as Fields;
  const found = {} as Record<Name, string>;
  for (const name of names) {
    const value = fields[name];
    if (typeof value !== "string") {
      throw new BadRequest(`${names.map((wanted) => `"${wanted}"`).join(" and ")} must be texts`);
    }
    found[name] = value;
  }
  return found;
}
