/**
 * What an operator can ask of a store, and the carrying out that is the same whether a server runs or not. What only a
 * running server can do (stop), or must do around it (end sessions), is in server.ts; restore is in store-files.ts,
 * because it exchanges the store; what concerns accounts is in ../auth, because hashing passwords takes its time.
 */
import type { UserRequest } from "../auth/user-administration";
import { checkStore } from "../check/check-store";
import { schemaToFile } from "../schema/schema-file";
import type { SqliteStorage } from "../storage/sqlite-storage";
import { deployRules } from "./deploy-rules";
import { deploySchema } from "./deploy-schema";
import { enableSync, statusOf, terminateSync, trimToMaxOffline } from "./operations";
import type { SettingName, Settings } from "./settings";
import { backUpStore } from "./store-files";

export type StoreRequest =
  | {
      readonly kind: "status" | "check" | "terminate" | "enable" | "settings" | "showSchema" | "showRules";
    }
  /** `schema` is the content of a schema file, not looked at yet. */
  | {
      readonly kind: "deploySchema";
      readonly schema: unknown;
      readonly isForced: boolean;
      readonly isDryRun: boolean;
    }
  /** `rules` is the content of a rules file, not looked at yet. */
  | { readonly kind: "deployRules"; readonly rules: unknown; readonly isDryRun: boolean }
  | { readonly kind: "backup"; readonly path: string }
  /** `value` as `readSetting` answered it. */
  | { readonly kind: "set"; readonly name: SettingName; readonly value: string };

export type AdminRequest =
  | StoreRequest
  | { readonly kind: "restore"; readonly path: string }
  | { readonly kind: "users"; readonly request: UserRequest }
  | { readonly kind: "stop" };

/** The store a request is about. */
export type StorePlace = {
  readonly storage: SqliteStorage;
  readonly settings: Settings;
  readonly dataDir: string;
  readonly nowMs: number;
};

export type Performed = {
  /** Plain data: it goes to the command line as JSON. */
  readonly answer: unknown;
  /** Everybody must identify himself anew: what sessions know of the store is no longer so. */
  readonly endsSessions?: true;
};

export function perform(place: StorePlace, request: StoreRequest): Performed {
  const { storage, settings, nowMs } = place;
  switch (request.kind) {
    case "status":
      return { answer: { ...statusOf(storage), settings: settings.report() } };
    case "check":
      return { answer: { problems: checkStore(storage) } };
    case "backup":
      return { answer: backUpStore(storage, request.path, nowMs) };
    case "terminate":
      terminateSync(storage, nowMs);
      return { answer: {}, endsSessions: true };
    case "enable":
      enableSync(storage);
      return { answer: {}, endsSessions: true };
    case "settings":
      return { answer: settings.report() };
    case "showSchema":
      return { answer: schemaToFile(storage.schema()) };
    case "deploySchema":
      return deploySchema(place, request);
    case "showRules":
      return { answer: settings.rules };
    case "deployRules":
      return deployRules(place, request);
    case "set":
      return { answer: set(place, request.name, request.value) };
  }
}

export type SetReport = {
  readonly name: SettingName;
  readonly value: string;
  /** How many versions of the history were forgotten by it. */
  readonly forgottenVersions: number;
};

function set({ storage, settings, nowMs }: StorePlace, name: SettingName, value: string): SetReport {
  settings.set(name, value);
  const { maxOfflineMs } = settings;
  const isTrimmed = name === "max-offline" && maxOfflineMs !== undefined;
  return { name, value, forgottenVersions: isTrimmed ? trimToMaxOffline(storage, maxOfflineMs, nowMs) : 0 };
}
