/** The operator's rules take the place of the store's, checked against the schema. */
import { compileRule } from "../rules/permissions";
import { type ClassRule, type Rules, type RulesDocument, readRules, ruleFor } from "../rules/rules";
import { putRulesIntoEffect } from "../rules/rules-in-effect";
import type { Schema, Table } from "../schema/schema";
import type { Performed, StorePlace } from "./requests";

export type RulesDeployment = {
  readonly isDryRun: boolean;
  readonly isChanged: boolean;
  /** What may not be meant: classes that do not exist, or that the default rule does not fit. */
  readonly warnings: readonly string[];
};

export type RulesAnswer =
  | { readonly kind: "ok"; readonly value: RulesDeployment }
  | { readonly kind: "failed"; readonly message: string; readonly problems: readonly string[] };

export function deployRules(
  { storage, settings, nowMs }: StorePlace,
  { rules: json, isDryRun }: { readonly rules: unknown; readonly isDryRun: boolean },
): Performed {
  const read = readRules(json);
  if (read.kind === "bad") return refused(read.problems);
  const schema = storage.schema();
  const problems = [...read.rules.classes].flatMap(([name, rule]) => {
    const table = schema.get(name);
    return table ? misfits(rule, name, table).map((problem) => `classes.${name}.${problem}`) : [];
  });
  if (problems.length > 0) return refused(problems);
  const warnings = ruleWarnings(read.rules, schema);
  const isChanged = JSON.stringify(settings.rules) !== JSON.stringify(read.document);
  const answer: RulesAnswer = { kind: "ok", value: { isDryRun, isChanged, warnings } };
  if (isDryRun) return { answer };
  settings.deployRules(read.document as RulesDocument);
  return putRulesIntoEffect(storage, read.document, nowMs) ? { answer, endsSessions: true } : { answer };
}

/** Where rules and schema do not meet: no reason to refuse either, but worth a word. */
export function ruleWarnings(rules: Rules, schema: Schema): string[] {
  const unknown = [...rules.classes.keys()]
    .filter((name) => !schema.has(name))
    .map((name) => `The rules name class ${name}, which the schema does not have.`);
  const unfit = [...schema]
    .filter(([, table]) => table.primaryKey)
    .flatMap(([name, table]) => misfits(ruleFor(rules, name), name, table).slice(0, 1))
    .map((problem) => `Nobody may use it: ${problem}.`);
  return [...unknown, ...unfit];
}

function misfits(rule: ClassRule, className: string, table: Table): string[] {
  if (!table.primaryKey) return ["read: embedded objects have the rule of the object they are in"];
  return (["read", "write"] as const).flatMap((what) => {
    const compiled = compileRule(rule[what], "0", className, table);
    return compiled.kind === "unfit" ? [`${what}: ${compiled.message}`] : [];
  });
}

function refused(problems: readonly string[]): Performed {
  const message = `The rules cannot be used; nothing was changed:\n${problems.join("\n")}`;
  return { answer: { kind: "failed", message, problems } satisfies RulesAnswer };
}
