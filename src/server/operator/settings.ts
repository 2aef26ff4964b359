/**
 * What an operator may set while the store lives, with where each value comes from: a start option, else what was
 * set, else the default. A value set while the server runs counts at once, also over a start option of that run.
 */
import { defaultRules, type RulesDocument } from "../rules/rules";
import type { Storage } from "../storage/storage";

export type StartOverrides = {
  /** Who may read and write what. */
  readonly rules?: RulesDocument;
  readonly developmentMode?: boolean;
  /** 0: never forget. */
  readonly maxOfflineDays?: number;
};

export type SettingSource = "start option" | "set" | "default";
type Sourced<T> = { readonly value: T; readonly source: SettingSource };

export type SettingsReport = {
  /** Days; 0 stands for never. */
  readonly "max-offline": Sourced<number>;
  readonly "development-mode": Sourced<"on" | "off">;
};

export type SettingName = keyof SettingsReport;

export const settingNames: readonly SettingName[] = ["max-offline", "development-mode"];

const defaults = { maxOfflineDays: 90, developmentMode: "on" } as const;
const dayMs = 24 * 60 * 60_000;

/** The value as it is stored; undefined when it is none. */
export function readSetting(name: SettingName, text: string): string | undefined {
  const isValid = name === "max-offline" ? /^\d{1,5}(\.\d{1,9})?$/.test(text) : /^(on|off)$/.test(text);
  return isValid ? text : undefined;
}

export function expectedOf(name: SettingName): string {
  return name === "max-offline" ? "a number of days, 0 for never" : "on or off";
}

export class Settings {
  readonly #storage: () => Storage;
  #overrides: StartOverrides;

  constructor(storage: () => Storage, overrides: StartOverrides = {}) {
    this.#storage = storage;
    this.#overrides = overrides;
  }

  /** Whether uploads may add classes and properties. */
  get developmentMode(): boolean {
    return this.report()["development-mode"].value === "on";
  }

  /** Undefined: history is never forgotten. */
  get maxOfflineMs(): number | undefined {
    const days = this.report()["max-offline"].value;
    return days === 0 ? undefined : days * dayMs;
  }

  report(): SettingsReport {
    const { maxOfflineDays, developmentMode } = this.#overrides;
    const override = developmentMode === undefined ? undefined : developmentMode ? "on" : "off";
    const days = this.#stored("max-offline");
    return {
      "max-offline": chosen(
        maxOfflineDays,
        days === undefined ? undefined : Number(days),
        defaults.maxOfflineDays,
      ),
      "development-mode": chosen(
        override,
        this.#stored("development-mode") as "on" | "off" | undefined,
        defaults.developmentMode,
      ),
    };
  }

  /** @param value one that `readSetting` answered */
  set(name: SettingName, value: string): void {
    this.#storage().setSetting(name, value);
    this.#forgetOverride(name === "max-offline" ? "maxOfflineDays" : "developmentMode");
  }

  get rules(): RulesDocument {
    const deployed = this.#storage().setting("rules");
    return this.#overrides.rules ?? (deployed === undefined ? defaultRules : JSON.parse(deployed));
  }

  /** @param rules a document that was found good */
  deployRules(rules: RulesDocument): void {
    this.#storage().setSetting("rules", JSON.stringify(rules));
    this.#forgetOverride("rules");
  }

  #forgetOverride(name: keyof StartOverrides): void {
    const { [name]: _, ...others } = this.#overrides;
    this.#overrides = others;
  }

  #stored(name: SettingName): string | undefined {
    return this.#storage().setting(name);
  }
}

function chosen<T>(override: T | undefined, stored: T | undefined, byDefault: T): Sourced<T> {
  if (override !== undefined) return { value: override, source: "start option" };
  return stored === undefined ? { value: byDefault, source: "default" } : { value: stored, source: "set" };
}
