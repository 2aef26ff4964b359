/**
 * Query text to a query. Follows the grammar of the client's own parser for the part that makes sense over single
 * objects; the rest of that grammar (links, collections, arithmetic, sorting) is refused by name, never ignored.
 */
import type { Payload } from "../changeset";
import type { Comparison, Operand, Query, StringOperation } from "./query";
import { BadQuery, type Token, tokensOf } from "./tokens";

export type ParsedQuery =
  | { readonly kind: "ok"; readonly query: Query }
  | { readonly kind: "bad"; readonly message: string };

/** Deeper nesting than any subscription needs, and far from exhausting the stack. */
const maxDepth = 200;

/** What `%%…` stands for, by name with the two signs. */
export type Expansions = ReadonlyMap<string, Payload>;

const noExpansions: Expansions = new Map();

export function parseQuery(text: string, expansions = noExpansions): ParsedQuery {
  try {
    return { kind: "ok", query: new QueryParser(tokensOf(text), expansions).query() };
  } catch (error) {
    if (error instanceof BadQuery) return { kind: "bad", message: error.message };
    throw error;
  }
}

const comparisons: Readonly<Record<string, Comparison>> = {
  "==": "==",
  "=": "==",
  "!=": "!=",
  "<>": "!=",
  "<": "<",
  "<=": "<=",
  "=<": "<=",
  ">": ">",
  ">=": ">=",
  "=>": ">=",
};

const stringOperations: ReadonlySet<string> = new Set(["BEGINSWITH", "ENDSWITH", "CONTAINS", "LIKE"]);

/** Words of the client's grammar for what this server does not do. Those of the second set can be field names, too. */
const reservedWords: ReadonlySet<string> = new Set(["ALL", "SUBQUERY", "OBJ"]);
const refusedWords: ReadonlySet<string> = new Set([...reservedWords, "BETWEEN", "SORT", "DISTINCT", "LIMIT"]);

class QueryParser {
  readonly #tokens: readonly Token[];
  readonly #expansions: Expansions;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], expansions: Expansions) {
    this.#tokens = tokens;
    this.#expansions = expansions;
  }

  query(): Query {
    const query = this.#or();
    const extra = this.#tokens[this.#next];
    if (extra) this.#refuse(extra);
    return query;
  }

  #or(): Query {
    const terms = [this.#and()];
    while (this.#takeSymbol("||") || this.#takeWord("OR")) terms.push(this.#and());
    return terms.length === 1 ? terms[0]! : { kind: "or", terms };
  }

  #and(): Query {
    const terms = [this.#not()];
    while (this.#takeSymbol("&&") || this.#takeWord("AND")) terms.push(this.#not());
    return terms.length === 1 ? terms[0]! : { kind: "and", terms };
  }

  #not(): Query {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new BadQuery(`nested more than ${maxDepth} deep`);
    const query = this.#term();
    this.#depth -= 1;
    return query;
  }

  #term(): Query {
    if (this.#takeSymbol("!") || this.#takeWord("NOT")) return { kind: "not", term: this.#not() };
    if (this.#takeSymbol("(")) {
      const inner = this.#or();
      this.#expectSymbol(")");
      return inner;
    }
    if (this.#takeWord("TRUEPREDICATE")) return { kind: "constant", value: true };
    if (this.#takeWord("FALSEPREDICATE")) return { kind: "constant", value: false };
    return this.#expandedConstant() ?? this.#comparison();
  }

  /** `%%true` on its own, not as one side of a comparison. */
  #expandedConstant(): Query | undefined {
    const token = this.#tokens[this.#next];
    const after = this.#tokens[this.#next + 1];
    const value = token?.kind === "expansion" ? this.#expansions.get(token.text) : undefined;
    const stands = !after || /^(\)|&&|\|\||AND|OR)$/i.test(after.kind === "literal" ? "" : after.text);
    if (value?.kind !== "bool" || !stands) return undefined;
    this.#next += 1;
    return { kind: "constant", value: value.value };
  }

  #comparison(): Query {
    const isNone = this.#takeWord("NONE");
    const quantified = isNone || this.#takeWord("ANY") || this.#takeWord("SOME");
    if (quantified) {
      // What `field IN {…}` becomes when the client writes a parsed query out again.
      const values = this.#values();
      this.#expectEquality();
      const ignoreCase = this.#takeSymbol("[c]");
      const found: Query = { kind: "in", left: this.#operand(), values, ignoreCase };
      return isNone ? { kind: "not", term: found } : found;
    }

    const left = this.#operand();
    if (this.#takeWord("IN")) {
      const ignoreCase = this.#takeSymbol("[c]");
      this.#takeWord("ANY");
      return { kind: "in", left, values: this.#values(), ignoreCase };
    }
    const operator = this.#operator();
    const ignoreCase = this.#takeSymbol("[c]");
    if ((operator === "==" || operator === "!=") && this.#isQuantifiedList()) {
      const isNoneList = this.#takeWord("NONE");
      if (!isNoneList) this.#next += 1;
      const found: Query = { kind: "in", left, values: this.#values(), ignoreCase };
      if (operator === "!=") throw new BadQuery("!= against a list is not supported");
      return isNoneList ? { kind: "not", term: found } : found;
    }
    return { kind: "compare", operator, left, right: this.#operand(), ignoreCase };
  }

  #isQuantifiedList(): boolean {
    const token = this.#tokens[this.#next];
    return token?.kind === "word" && ["ANY", "SOME", "NONE"].includes(token.text.toUpperCase());
  }

  #expectEquality(): void {
    const token = this.#take();
    if (token?.kind === "symbol" && comparisons[token.text] === "==") return;
    this.#refuse(token);
  }

  #operator(): Comparison | StringOperation {
    const token = this.#take();
    if (token?.kind === "symbol") {
      const comparison = comparisons[token.text];
      if (comparison) return comparison;
    }
    if (token?.kind === "word" && stringOperations.has(token.text.toUpperCase())) {
      return token.text.toUpperCase() as StringOperation;
    }
    return this.#refuse(token);
  }

  #operand(): Operand {
    const token = this.#take();
    const value = token && this.#constantOf(token);
    if (value) return { kind: "value", value };
    if (token?.kind !== "word" || reservedWords.has(token.text.toUpperCase())) return this.#refuse(token);
    const after = this.#tokens[this.#next];
    if (after?.kind === "symbol" && (after.text === "." || after.text === "[")) {
      throw new BadQuery(`"${token.text}" is followed into: only an object's own fields can be queried`);
    }
    return { kind: "field", name: token.text.replace(/\\(.)/g, (_, c: string) => fieldEscapes[c] ?? c) };
  }

  #values(): Payload[] {
    this.#expectSymbol("{");
    const values: Payload[] = [];
    while (!this.#takeSymbol("}")) {
      if (values.length > 0) this.#expectSymbol(",");
      const token = this.#take();
      values.push((token && this.#constantOf(token)) ?? this.#refuse(token));
    }
    return values;
  }

  #constantOf(token: Token): Payload | undefined {
    return token.kind === "expansion" ? this.#expansions.get(token.text) : constantOf(token);
  }

  #take(): Token | undefined {
    const token = this.#tokens[this.#next];
    this.#next += 1;
    return token;
  }

  #takeSymbol(text: string): boolean {
    const token = this.#tokens[this.#next];
    if (token?.kind !== "symbol" || token.text !== text) return false;
    this.#next += 1;
    return true;
  }

  #takeWord(upperCase: string): boolean {
    const token = this.#tokens[this.#next];
    if (token?.kind !== "word" || token.text.toUpperCase() !== upperCase) return false;
    this.#next += 1;
    return true;
  }

  #expectSymbol(text: string): void {
    if (!this.#takeSymbol(text)) throw new BadQuery(`expected "${text}" ${place(this.#tokens[this.#next])}`);
  }

  #refuse(token: Token | undefined): never {
    if (token?.kind === "word" && refusedWords.has(token.text.toUpperCase())) {
      throw new BadQuery(`${token.text.toUpperCase()} is not supported`);
    }
    if (token?.kind === "symbol" && "+-*/@$".includes(token.text)) {
      throw new BadQuery(`"${token.text}" is not supported`);
    }
    if (token?.kind === "expansion") throw new BadQuery(`"${token.text}" means nothing here`);
    throw new BadQuery(`cannot be understood ${place(token)}`);
  }
}

const fieldEscapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

function constantOf(token: Token): Payload | undefined {
  if (token.kind === "literal") return token.value;
  if (token.kind !== "word") return undefined;
  switch (token.text) {
    case "true":
    case "TRUE":
      return { kind: "bool", value: true };
    case "false":
    case "FALSE":
      return { kind: "bool", value: false };
  }
  return /^(null|nil)$/i.test(token.text) ? { kind: "null" } : undefined;
}

function place(token: Token | undefined): string {
  return token ? `at position ${token.at + 1}` : "at the end";
}
