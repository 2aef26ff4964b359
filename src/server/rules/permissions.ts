/** What the rules let one user read and write. A question about an object's key and fields, of any moment. */
import type { PrimaryKey } from "../changeset";
import { checkQuery } from "../query/check";
import { type Filter, filterOf, passes } from "../query/filter";
import { parseQuery } from "../query/parse";
import type { Fields } from "../query/query";
import type { Schema, Table } from "../schema/schema";
import { expansionsFor, type Rules, ruleFor } from "./rules";

export type UserIdentity = { readonly id: string; readonly email?: string };

export type CompiledRule =
  | { readonly kind: "ok"; readonly filter: Filter }
  /** The rule does not fit the class: nobody may, until the schema or the rules change. */
  | { readonly kind: "unfit"; readonly message: string };

type CompiledClass = { readonly table: Table; readonly read: CompiledRule; readonly write: CompiledRule };

export class Permissions {
  readonly #rules: Rules;
  readonly #userId: string;
  readonly #isAdmin: boolean;
  readonly #schema: () => Schema;
  readonly #compiled = new Map<string, CompiledClass>();

  /** @param schema the present one: it may grow */
  constructor(rules: Rules, user: UserIdentity, schema: () => Schema) {
    this.#rules = rules;
    this.#userId = user.id;
    const names = [user.id, user.email ?? user.id].map((name) => name.toLowerCase());
    this.#isAdmin = names.some((name) => rules.admins.has(name));
    this.#schema = schema;
  }

  mayRead(className: string, pk: PrimaryKey, fields: Fields): boolean {
    return this.#may("read", className, pk, fields);
  }

  mayWrite(className: string, pk: PrimaryKey, fields: Fields): boolean {
    return this.#may("write", className, pk, fields);
  }

  readRule(className: string): CompiledRule {
    return this.#of(className)?.read ?? unfit("the server does not know this class");
  }

  writeRule(className: string): CompiledRule {
    return this.#of(className)?.write ?? unfit("the server does not know this class");
  }

  #may(what: "read" | "write", className: string, pk: PrimaryKey, fields: Fields): boolean {
    const rule = this.#of(className)?.[what];
    return rule?.kind === "ok" && passes(rule.filter, pk, fields);
  }

  #of(className: string): CompiledClass | undefined {
    const table = this.#schema().get(className);
    if (!table) return undefined;
    const known = this.#compiled.get(className);
    if (known?.table === table) return known;
    const rule = ruleFor(this.#rules, className);
    const compiled = {
      table,
      read: this.#compile(rule.read, className, table),
      write: this.#compile(rule.write, className, table),
    };
    this.#compiled.set(className, compiled);
    return compiled;
  }

  #compile(text: string, className: string, table: Table): CompiledRule {
    return compileRule(this.#isAdmin ? "TRUEPREDICATE" : text, this.#userId, className, table);
  }
}

export function compileRule(text: string, userId: string, className: string, table: Table): CompiledRule {
  const parsed = parseQuery(text, expansionsFor(userId));
  if (parsed.kind === "bad") return unfit(parsed.message);
  const checked = checkQuery(parsed.query, className, table);
  return checked.kind === "bad" ? unfit(checked.message) : ok(filterOf(checked.query, table));
}

function ok(filter: Filter): CompiledRule {
  return { kind: "ok", filter };
}

function unfit(message: string): CompiledRule {
  return { kind: "unfit", message };
}
