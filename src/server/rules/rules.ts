/**
 * Who may read and write what, class by class: the rules document an operator deploys, read and checked. Pure. What
 * the rules say to one user is in permissions.ts.
 */
import type { Payload } from "../changeset";
import { requiredText } from "../query/filter";
import { parseQuery } from "../query/parse";
import { fieldsOf, type Query } from "../query/query";

/** One class's rule. Both filters are queries of the server's own kind, with `%%user.id`, `%%true` and `%%false`. */
export type ClassRule = {
  readonly read: string;
  readonly write: string;
  /** What the read filter reads: recorded with every entry, so that it can be asked of any past version. */
  readonly readFields: ReadonlySet<string>;
  /** The field that must hold the user's id, where the rule is of that form: objects are indexed by it. */
  readonly ownerField?: string;
};

export type Rules = {
  /** Ids or e-mail addresses, lower case: these users read and write everything. */
  readonly admins: ReadonlySet<string>;
  readonly byDefault: ClassRule;
  readonly classes: ReadonlyMap<string, ClassRule>;
};

export const presetNames = ["own", "readAll", "readOnly", "shared", "admin"] as const;
export type PresetName = (typeof presetNames)[number];

export type RuleDocument =
  | PresetName
  | { readonly preset: PresetName; readonly ownerField?: string }
  | { readonly read: string | boolean; readonly write: string | boolean };

/** As it stands in a file; what `readRules` accepts. */
export type RulesDocument = {
  readonly admins?: readonly string[];
  readonly default?: RuleDocument;
  readonly classes?: Readonly<Record<string, RuleDocument>>;
};

export const defaultRules: RulesDocument = { default: { preset: "own", ownerField: "owner_id" } };

export type RulesRead =
  | { readonly kind: "ok"; readonly rules: Rules; readonly document: RulesDocument }
  /** Every problem with its place in the document. */
  | { readonly kind: "bad"; readonly problems: readonly string[] };

export function readRules(json: unknown): RulesRead {
  const problems: string[] = [];
  const document = objectAt(json, "the rules", ["admins", "default", "classes"], problems) ?? {};
  const admins = adminsOf(document.admins, problems);
  const byDefault = ruleAt(document.default ?? defaultRules.default, "default", admins, problems);
  const classes = new Map<string, ClassRule>();
  const named = document.classes ?? {};
  if (typeof named !== "object" || named === null || Array.isArray(named)) {
    problems.push(`classes: must be an object from class name to rule`);
  } else {
    for (const [name, rule] of Object.entries(named)) {
      const read = ruleAt(rule, `classes.${name}`, admins, problems);
      if (read) classes.set(name, read);
    }
  }
  if (problems.length > 0 || !byDefault) return { kind: "bad", problems };
  return { kind: "ok", rules: { admins, byDefault, classes }, document: json as RulesDocument };
}

/** Throws on a document that was not accepted before. */
export function rulesOf(document: RulesDocument): Rules {
  const read = readRules(document);
  if (read.kind === "ok") return read.rules;
  throw new Error(`rules: ${read.problems.join("; ")}`);
}

export function ruleFor(rules: Rules, className: string): ClassRule {
  return rules.classes.get(className) ?? rules.byDefault;
}

/** The user's id in a rule, where no user is meant yet. */
const anyUser = "\u0000";

export function expansionsFor(userId: string): ReadonlyMap<string, Payload> {
  return new Map<string, Payload>([
    ["%%user.id", { kind: "string", value: userId }],
    ["%%true", { kind: "bool", value: true }],
    ["%%false", { kind: "bool", value: false }],
  ]);
}

function ruleAt(
  json: unknown,
  at: string,
  admins: ReadonlySet<string>,
  problems: string[],
): ClassRule | undefined {
  if (typeof json === "string") return presetAt({ preset: json }, at, admins, problems);
  const isPreset = typeof json === "object" && json !== null && "preset" in json;
  const known = isPreset ? ["preset", "ownerField"] : ["read", "write"];
  const rule = objectAt(json, at, known, problems);
  if (!rule) return undefined;
  if (isPreset) return presetAt(rule, at, admins, problems);
  const read = filterAt(rule.read, `${at}.read`, problems);
  const write = filterAt(rule.write, `${at}.write`, problems);
  return read && write ? classRule(read, write) : undefined;
}

function presetAt(
  { preset, ownerField = "owner_id" }: Record<string, unknown>,
  at: string,
  admins: ReadonlySet<string>,
  problems: string[],
): ClassRule | undefined {
  if (typeof ownerField !== "string" || !/^[a-zA-Z_][\w-]*$/.test(ownerField)) {
    problems.push(`${at}.ownerField: must be the name of a property`);
    return undefined;
  }
  const own = `${ownerField} == %%user.id`;
  switch (preset) {
    case "own":
      return presetRule(own, own);
    case "readAll":
      return presetRule("TRUEPREDICATE", own);
    case "readOnly":
      return presetRule("TRUEPREDICATE", "FALSEPREDICATE");
    case "shared":
      return presetRule("TRUEPREDICATE", "TRUEPREDICATE");
    case "admin":
      if (admins.size === 0) problems.push(`${at}: the preset "admin" needs somebody in "admins"`);
      return presetRule("FALSEPREDICATE", "FALSEPREDICATE");
    default:
      problems.push(
        `${at}: there is no preset ${JSON.stringify(preset)}; there are ${presetNames.join(", ")}`,
      );
      return undefined;
  }
}

type ParsedFilter = { readonly text: string; readonly query: Query };

function presetRule(read: string, write: string): ClassRule {
  const [readQuery, writeQuery] = [parsedFilter(read), parsedFilter(write)];
  if (typeof readQuery === "string" || typeof writeQuery === "string") throw new Error("a preset is wrong");
  return classRule(readQuery, writeQuery);
}

function classRule(read: ParsedFilter, write: ParsedFilter): ClassRule {
  const ownerField = ownerFieldOf(read.query) ?? ownerFieldOf(write.query);
  return {
    read: read.text,
    write: write.text,
    readFields: fieldsOf(read.query),
    ...(ownerField !== undefined && { ownerField }),
  };
}

function filterAt(json: unknown, at: string, problems: string[]): ParsedFilter | undefined {
  const text = json === true ? "TRUEPREDICATE" : json === false ? "FALSEPREDICATE" : json;
  if (typeof text !== "string") {
    problems.push(`${at}: must be true, false or a query, such as "owner_id == %%user.id"`);
    return undefined;
  }
  const parsed = parsedFilter(text);
  if (typeof parsed !== "string") return parsed;
  problems.push(`${at}: ${parsed}`);
  return undefined;
}

/** A text is what is wrong. */
function parsedFilter(text: string): ParsedFilter | string {
  const parsed = parseQuery(text, expansionsFor(anyUser));
  return parsed.kind === "bad" ? parsed.message : { text, query: parsed.query };
}

function ownerFieldOf(query: Query): string | undefined {
  return [...fieldsOf(query)].find((field) => requiredText(query, field) === anyUser);
}

function adminsOf(json: unknown, problems: string[]): ReadonlySet<string> {
  if (json === undefined) return new Set();
  const isList = Array.isArray(json) && json.every((entry) => typeof entry === "string" && entry !== "");
  if (isList) return new Set((json as string[]).map((entry) => entry.toLowerCase()));
  problems.push(`admins: must be a list of user ids or e-mail addresses`);
  return new Set();
}

function objectAt(
  json: unknown,
  at: string,
  known: readonly string[],
  problems: string[],
): Record<string, unknown> | undefined {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    const shape = at === "the rules" ? "an object" : `a preset or an object with ${known.join(" and ")}`;
    problems.push(`${at}: must be ${shape}`);
    return undefined;
  }
  const unknown = Object.keys(json).filter((name) => !known.includes(name));
  for (const name of unknown) problems.push(`${at}: unknown name "${name}"; known are ${known.join(", ")}`);
  return unknown.length > 0 ? undefined : (json as Record<string, unknown>);
}
