/**
 * Puts the server together: storage, accounts, HTTP and WebSocket on one port, the operator's door on another. The
 * only place where the parts know of each other.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Accounts } from "./auth/accounts";
import { AttemptLimit, attemptLimits } from "./auth/attempt-limit";
import { type AuthConfig, AuthConfigFile, readAuthConfig } from "./auth/auth-config";
import type { AuthContext } from "./auth/auth-context";
import { CustomTokens } from "./auth/custom-token";
import { EmailAccounts } from "./auth/email-accounts";
import { loadTokenKey, Tokens } from "./auth/tokens";
import { administerUsers, type UserAnswer, type UserRequest } from "./auth/user-administration";
import { answerClient } from "./http/client-api";
import { errorFields, type Log } from "./log";
import { AdminServer } from "./operator/admin-api";
import { isSyncEnabled, syncIsTerminated, trimToMaxOffline } from "./operator/operations";
import { type AdminRequest, perform, type StorePlace } from "./operator/requests";
import { Settings, type StartOverrides } from "./operator/settings";
import { openStore, restoreStore } from "./operator/store-files";
import { tryAgainLater } from "./protocol/session-error";
import { putRulesIntoEffect } from "./rules/rules-in-effect";
import { BufferedFrames, defaultMaxBufferedBytes } from "./session/buffered-frames";
import { serveConnection } from "./session/connection";
import { SessionHub } from "./session/hub";
import { defaultMaxMessageBytes, Upgrader } from "./session/upgrade";
import type { SqliteStorage } from "./storage/sqlite-storage";
import { adviceOn, StorageTrouble } from "./storage/storage-trouble";
import { StoreHealthMonitor } from "./storage/store-health";
import { SyncContext } from "./sync/context";

export type ServerOptions = {
  readonly dataDir: string;
  readonly host: string;
  /** 0: any free port. Undefined: the port of the last start, because clients keep the address they once learnt. */
  readonly port: number | undefined;
  readonly appId: string;
  /** Where clients reach this server, if not at its own address. */
  readonly publicUrl?: string;
  /** A client that sends more in one message, as one transaction of that size makes it, has to reset. */
  readonly maxMessageBytes?: number;
  /** Of the frames of all connections that have not come or gone out as a whole: connections wait above it. */
  readonly maxBufferedBytes?: number;
  /** What counts, while this server runs, instead of what was set. */
  readonly overrides?: StartOverrides;
};

const trimIntervalMs = 60 * 60_000;

export type RunningServer = {
  readonly url: string;
  close(): Promise<void>;
  /** Settles once the server has closed, for whatever reason. */
  readonly closed: Promise<void>;
};

export type StartedServer =
  | { readonly kind: "ok"; readonly server: RunningServer }
  | { readonly kind: "failed"; readonly message: string };

export async function startServer(options: ServerOptions, log: Log): Promise<StartedServer> {
  const auth = readAuthConfig(options.dataDir);
  if (auth.kind === "bad") return { kind: "failed", message: auth.message };
  const opened = openStore(options.dataDir);
  if (opened.kind !== "ok") return { kind: "failed", message: opened.message };
  try {
    return await serve(options, opened.storage, auth.config, log);
  } catch (error) {
    opened.storage.close();
    const trouble = startTrouble(error);
    if (trouble === undefined) throw error;
    return { kind: "failed", message: trouble };
  }
}

/** In words, if it is about the place where the data is kept. */
function startTrouble(error: unknown): string | undefined {
  if (error instanceof StorageTrouble) return `${adviceOn[error.kind]} (${error.message})`;
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT")
    return `${adviceOn.full} (writing ${path ?? "the data directory"})`;
  return undefined;
}

async function serve(
  options: ServerOptions,
  storage: SqliteStorage,
  authConfig: AuthConfig,
  log: Log,
): Promise<StartedServer> {
  const core = new Core(options, storage, authConfig, log);
  core.trimHistory();
  const trimming = setInterval(() => core.trimHistory(), trimIntervalMs);
  trimming.unref();
  const remembered = Number(core.storage.setting("port") ?? 0);
  const listening = await listen(core.http, options.port ?? remembered, options.host);
  if (listening.kind === "failed") {
    clearInterval(trimming);
    core.storage.close();
    return listening;
  }
  if (listening.port !== remembered) core.storage.setSetting("port", String(listening.port));
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  const url = options.publicUrl ?? `http://${host}:${listening.port}`;

  let settle = (): void => {};
  const closed = new Promise<void>((resolve) => {
    settle = resolve;
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      clearInterval(trimming);
      await admin.close();
      await core.close();
      log.info("server stopped");
      settle();
    })();
    return closing;
  };
  const admin = await AdminServer.start(
    options.dataDir,
    url,
    (request) => core.answer(request, url, close),
    log,
  );
  log.info("server started", { url, version: core.storage.head().version });
  return { kind: "ok", server: { url, close, closed } };
}

/** What a restore exchanges, and what must hear of it. */
class Core {
  readonly http: Server;
  readonly #options: ServerOptions;
  readonly #log: Log;
  readonly #upgrader: Upgrader;
  readonly #settings: Settings;
  #storage: SqliteStorage;
  #context: SyncContext;
  readonly #health: StoreHealthMonitor;
  readonly #frames: BufferedFrames;
  #hub: SessionHub;

  constructor(options: ServerOptions, storage: SqliteStorage, authConfig: AuthConfig, log: Log) {
    this.#options = options;
    this.#log = log;
    this.#storage = storage;
    this.#health = new StoreHealthMonitor(() => this.#storage, log, Date.now);
    this.#frames = new BufferedFrames(options.maxBufferedBytes ?? defaultMaxBufferedBytes, log);
    this.#hub = this.#newHub();
    this.#settings = new Settings(() => this.#storage, options.overrides);
    this.#context = this.#contextOf(storage);
    const { dataDir } = options;
    const configFile = new AuthConfigFile(dataDir, authConfig, (message) =>
      log.error("auth configuration ignored", { reason: message }),
    );
    const auth: AuthContext = {
      storage: () => this.#storage,
      config: () => configFile.current(),
      attempts: new AttemptLimit(attemptLimits, Date.now),
      nowMs: Date.now,
      ended: (logIns) => this.#upgrader.endLogIns(logIns),
    };
    const emailAccounts = new EmailAccounts(auth);
    const tokens = new Tokens(loadTokenKey(dataDir), Date.now);
    const accounts = new Accounts(auth, tokens, emailAccounts, new CustomTokens(dataDir, Date.now));
    this.#upgrader = new Upgrader(
      options.appId,
      accounts,
      (socket, wire, userId) =>
        serveConnection(socket, wire, userId, this.#context, this.#hub, this.#frames, log),
      log,
      options.maxMessageBytes ?? defaultMaxMessageBytes,
    );
    const { appId, publicUrl } = options;
    const api = {
      appId,
      accounts,
      emailAccounts,
      log,
      troubled: (trouble: StorageTrouble) => this.#health.note(trouble),
      ...(publicUrl !== undefined && { publicUrl }),
    };
    this.http = createServer((request, response) => void answerClient(api, request, response));
    this.http.on("upgrade", (request, socket, head) => {
      this.#upgrader.upgrade(request, socket, head).catch((error: unknown) => {
        log.error("upgrade failed", errorFields(error));
        socket.destroy();
      });
    });
  }

  get storage(): SqliteStorage {
    return this.#storage;
  }

  /**
   * Carries out what an operator asks, and answers it or a promise of it. What concerns sessions runs to its end without
   * giving way, so none sees anything half done.
   */
  answer(request: AdminRequest, url: string, close: () => Promise<void>): unknown {
    switch (request.kind) {
      case "stop":
        void close();
        return {};
      case "restore":
        return this.#restore(request.path);
      case "users":
        return this.#administer(request.request);
      case "status": {
        const { answer } = perform(this.#place(), request);
        const { health } = this.#health;
        const { load } = this.#frames;
        return {
          url,
          pid: process.pid,
          sessions: this.#hub.size,
          health,
          frames: load,
          ...(answer as object),
        };
      }
      default: {
        if (request.kind === "set") this.#hub.catchUpAll();
        const { answer, endsSessions } = perform(this.#place(), request);
        this.#log.info("operator", { request: request.kind });
        if (endsSessions) this.#startAnew();
        else this.#hub.wakeAll();
        return answer;
      }
    }
  }

  #administer(request: UserRequest): Promise<UserAnswer> {
    this.#log.info("operator", { request: `users ${request.action}` });
    return administerUsers(
      () => this.#storage,
      request,
      Date.now(),
      (logIns) => this.#upgrader.endLogIns(logIns),
    );
  }

  trimHistory(): void {
    const { maxOfflineMs } = this.#settings;
    if (maxOfflineMs === undefined) return;
    this.#hub.catchUpAll();
    try {
      const versions = trimToMaxOffline(this.#storage, maxOfflineMs, Date.now());
      if (versions > 0) this.#log.info("history trimmed", { versions });
    } catch (error) {
      // By the clock, and of no use to anybody that waits: the next time will do.
      if (!(error instanceof StorageTrouble)) throw error;
      this.#health.note(error);
    }
  }

  async close(): Promise<void> {
    this.#hub.retire(tryAgainLater("The server is being stopped."));
    this.#health.reset();
    this.#upgrader.disconnectAll();
    await new Promise<void>((resolve) => {
      this.http.close(() => resolve());
      this.http.closeAllConnections();
    });
    this.#storage.close();
  }

  /** Runs to its end without giving way: nothing else can see the store half exchanged. */
  #restore(path: string) {
    let isReleased = false;
    const outcome = restoreStore(this.#options.dataDir, path, Date.now(), () => {
      isReleased = true;
      this.#hub.retire(tryAgainLater("The server is being restored."));
      this.#storage.close();
    });
    if (isReleased) {
      const opened = openStore(this.#options.dataDir);
      if (opened.kind !== "ok")
        throw new Error(`after the restore the store cannot be opened: ${opened.message}`);
      this.#storage = opened.storage;
      this.#health.reset();
      this.#startAnew();
    }
    this.#log.warn("restore", { outcome: outcome.kind });
    return outcome;
  }

  /** New caches and no sessions; clients come back within about a second and identify themselves again. */
  #startAnew(): void {
    this.#hub.retire(tryAgainLater("The server starts anew."));
    this.#upgrader.disconnectAll();
    this.#context = this.#contextOf(this.#storage);
    this.#hub = this.#newHub();
    if (!isSyncEnabled(this.#storage)) this.#hub.refuseAll(syncIsTerminated);
  }

  #newHub(): SessionHub {
    return new SessionHub((trouble) => this.#health.note(trouble));
  }

  #place(): StorePlace {
    const { dataDir } = this.#options;
    return { storage: this.#storage, settings: this.#settings, dataDir, nowMs: Date.now() };
  }

  #contextOf(storage: SqliteStorage): SyncContext {
    const settings = this.#settings;
    if (putRulesIntoEffect(storage, settings.rules, Date.now())) this.#log.warn("other rules are in effect");
    const options = {
      get developmentMode() {
        return settings.developmentMode;
      },
      nowMs: Date.now,
    };
    return new SyncContext(storage, options);
  }
}

async function listen(
  http: Server,
  port: number,
  host: string,
): Promise<{ kind: "ok"; port: number } | { kind: "failed"; message: string }> {
  try {
    await new Promise<void>((resolve, reject) => {
      http.once("error", reject);
      http.listen(port, host, () => {
        http.off("error", reject);
        resolve();
      });
    });
    return { kind: "ok", port: (http.address() as AddressInfo).port };
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
    const message = isTaken
      ? `Port ${port} is in use by another program. Free it, or start once with another --port: clients must then sign in anew.`
      : String((error as Error).message);
    return { kind: "failed", message };
  }
}
