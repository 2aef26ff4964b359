/** The settings, as far as this program knows them, and the fields whose values the history records. */
import { readSetting } from "../operator/settings";
import { readRules } from "../rules/rules";
import { rulesInEffect } from "../rules/rules-in-effect";
import type { Problem, Storage } from "../storage/storage";

/** Throws, or answers false, when the text is none that this program wrote. */
const readers: Readonly<Record<string, (text: string) => boolean>> = {
  port: (text) => /^\d{1,5}$/.test(text) && Number(text) < 65536,
  sync: (text) => text === "terminated" || text === "enabled",
  "max-offline": (text) => readSetting("max-offline", text) !== undefined,
  "development-mode": (text) => readSetting("development-mode", text) !== undefined,
  rules: (text) => readRules(JSON.parse(text)).kind !== "bad",
};

export function* settingProblems(storage: Storage): Generator<Problem> {
  for (const [name, isReadable] of Object.entries(readers)) {
    const text = storage.setting(name);
    if (text !== undefined && !succeeds(() => isReadable(text))) {
      yield { where: `setting ${name}`, what: "is not what the server writes there" };
    }
  }
  if (!succeeds(() => rulesInEffect(storage) !== undefined)) {
    yield { where: "setting rulesInEffect", what: "is not what the server writes there" };
  }
}

export function* queryableFieldProblems(storage: Storage): Generator<Problem> {
  const { version: head } = storage.head();
  for (const [className, fields] of storage.queryableFields()) {
    for (const [field, sinceVersion] of fields) {
      const where = `queryable field ${className}.${field}`;
      if (!storage.schema().get(className)?.columns.has(field)) yield { where, what: "is not in the schema" };
      if (sinceVersion > head) {
        yield { where, what: `is recorded since version ${sinceVersion}, and the history ends at ${head}` };
      }
    }
  }
}

function succeeds(work: () => boolean): boolean {
  try {
    return work();
  } catch {
    return false;
  }
}
