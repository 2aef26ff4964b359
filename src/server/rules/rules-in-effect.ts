/**
 * Which rules a store lives under, and the step from one set of rules to the next. Every view a client was given is
 * marked with the rules it was given under, so that a client which comes back can be told from one whose sight has
 * changed meanwhile; therefore former rules are kept.
 */

import { fieldsOfDocument } from "../object/fields";
import type { Storage, ViewPeriod } from "../storage/storage";
import { type compileRule, Permissions, type UserIdentity } from "./permissions";
import { defaultRules, type Rules, type RulesDocument, ruleFor, rulesOf } from "./rules";

type KnownRules = {
  /** The first are those of a store that was never told any. */
  readonly documents: readonly { readonly document: RulesDocument; readonly sinceMs: number }[];
  readonly current: number;
};

export type RulesInEffect = {
  readonly rules: Rules;
  readonly document: RulesDocument;
  /** Stands in the view periods that begin under these rules. */
  readonly number: number;
  readonly sinceMs: number;
};

const knownSetting = "rulesInEffect";

export function rulesInEffect(storage: Storage): RulesInEffect {
  const { current } = knownRules(storage);
  return rulesNumbered(storage, current);
}

export function rulesNumbered(storage: Storage, number: number): RulesInEffect {
  const known = knownRules(storage).documents[number];
  if (!known) throw new Error(`the store does not know the rules number ${number}`);
  return { rules: rulesOf(known.document), number, ...known };
}

/**
 * Answers whether anything changed. Then every session must end before it hears or says anything more: what it knows
 * are the former rules.
 */
export function putRulesIntoEffect(storage: Storage, document: RulesDocument, nowMs: number): boolean {
  const former = rulesInEffect(storage);
  const wanted = JSON.stringify(document);
  if (JSON.stringify(former.document) === wanted) return false;
  const rules = rulesOf(document);
  storage.transaction(() => {
    recordFields(storage, former.rules, rules);
    indexOwners(storage, former.rules, rules);
    const { documents } = knownRules(storage);
    const known = documents.findIndex((entry) => JSON.stringify(entry.document) === wanted);
    const entry = { document, sinceMs: nowMs };
    const next: KnownRules =
      known >= 0
        ? { documents: documents.with(known, entry), current: known }
        : { documents: [...documents, entry], current: documents.length };
    storage.setSetting(knownSetting, JSON.stringify(next));
  });
  return true;
}

/** The field by whose text objects of a class are indexed. */
export function ownerOf(rules: Rules, className: string, fields: ReadonlyMap<string, { kind: string }>) {
  const field = ruleFor(rules, className).ownerField;
  const value = field === undefined ? undefined : (fields.get(field) as { kind: string; value?: unknown });
  return value?.kind === "string" ? (value.value as string) : undefined;
}

/** Whether a user sees through this period's queries exactly what he saw when he was given them. */
export function isSightUnchanged(storage: Storage, user: UserIdentity, period: ViewPeriod): boolean {
  const current = rulesInEffect(storage);
  const number = period.rules ?? 0;
  if (number === current.number) return true;
  const schema = storage.schema();
  const then = new Permissions(rulesNumbered(storage, number).rules, user, () => schema);
  const now = new Permissions(current.rules, user, () => schema);
  const classes = period.follows ? schema.keys() : Object.keys(JSON.parse(period.queryBody) as object);
  return [...classes].every((name) => textOf(then.readRule(name)) === textOf(now.readRule(name)));
}

function textOf(rule: ReturnType<typeof compileRule>): string {
  if (rule.kind === "unfit") return rule.kind;
  return JSON.stringify(rule.filter.query, (_, value) => (typeof value === "bigint" ? `${value}n` : value));
}

/**
 * A client that comes back under other rules than it left, or under the same ones after others, must find in every
 * entry what its rules read. So the former fields are recorded for good, and the new ones from here on.
 */
function recordFields(storage: Storage, former: Rules, rules: Rules): void {
  for (const [className, table] of storage.schema()) {
    if (!table.primaryKey) continue;
    const recorded = storage.queryableFields().get(className);
    const formerFields = ruleFor(former, className).readFields;
    for (const field of new Set([...formerFields, ...ruleFor(rules, className).readFields])) {
      if (recorded?.has(field) || field === table.primaryKey.field) continue;
      storage.addQueryableField(className, field, formerFields.has(field) ? 0 : storage.head().version);
    }
  }
}

function indexOwners(storage: Storage, former: Rules, rules: Rules): void {
  const schema = storage.schema();
  for (const [className, table] of schema) {
    const field = ruleFor(rules, className).ownerField;
    if (!table.primaryKey || ruleFor(former, className).ownerField === field) continue;
    for (const { pk, document } of [...storage.objects(className)]) {
      const fields = fieldsOfDocument(schema, className, document, field === undefined ? [] : [field]);
      storage.putObject(className, pk, document, ownerOf(rules, className, fields));
    }
  }
}

function knownRules(storage: Storage): KnownRules {
  const json = storage.setting(knownSetting);
  if (json !== undefined) return JSON.parse(json) as KnownRules;
  return { documents: [{ document: defaultRules, sinceMs: 0 }], current: 0 };
}
