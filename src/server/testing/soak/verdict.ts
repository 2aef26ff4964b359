/** Compares what replicas and the server hold. Pure; says what differs, and decides nothing. */
import type { Node } from "../../object/document";
import type { ReplicaDump, Token } from "./commands";
import type { StoredObject } from "./expected-replica";

/** @returns those that are not there, or there twice, in words */
export function tokensAstray(tokens: readonly Token[], objects: readonly StoredObject[]): string[] {
  const documents = new Map(objects.map((object) => [`${object.className}:${object.key}`, object.document]));
  return tokens.flatMap((token) => {
    const document = documents.get(`${token.className}:${token.key}`);
    const { field, value } = token;
    const count =
      document === undefined
        ? 0
        : field === undefined || value === undefined
          ? 1
          : countToken(document.get(field), value);
    return count === 1 ? [] : [`${count} times: ${JSON.stringify(token)}`];
  });
}

/** Object by object, in words. */
export function differencesOf(actual: ReplicaDump["objects"], expected: ReplicaDump["objects"]): string[] {
  return Object.keys(expected).flatMap((className) => {
    const mine = actual[className] ?? {};
    const theirs = expected[className] ?? {};
    return [...new Set([...Object.keys(mine), ...Object.keys(theirs)])].flatMap((key) => {
      const here = mine[key];
      const there = theirs[key];
      if (here === undefined) return [`${className} ${key} is missing`];
      if (there === undefined) return [`${className} ${key} should not be there`];
      const fields = Object.keys(there).filter((name) => !isSame(here[name], there[name]));
      return fields.length === 0
        ? []
        : [
            `${className} ${key}: ${fields
              .map(
                (name) =>
                  `${name} is ${JSON.stringify(here[name])}, on the server ${JSON.stringify(there[name])}`,
              )
              .join("; ")}`,
          ];
    });
  });
}

/** In place of an entry that links to an object that is gone, the SDK shows any other object of that class. */
function isSame(here: unknown, there: unknown): boolean {
  if (JSON.stringify(here) === JSON.stringify(there)) return true;
  if (!isDictionary(here) || !isDictionary(there) || here.length !== there.length) return false;
  return there.every(([key, value], index) => {
    const [hereKey, hereValue] = here[index] ?? [];
    const isGone = value === null && typeof hereValue === "string" && hereValue.startsWith("link:");
    return key === hereKey && (isGone || JSON.stringify(value) === JSON.stringify(hereValue));
  });
}

function isDictionary(value: unknown): value is readonly (readonly [string, unknown])[] {
  return Array.isArray(value) && value.every((entry) => Array.isArray(entry) && entry.length === 2);
}

function countToken(node: Node | undefined, value: string): number {
  switch (node?.kind) {
    case "list":
      return node.items.filter((item) => holdsText(item, value)).length;
    case "set":
      return node.items.filter((item) => holdsText(item, value)).length;
    case "map":
      return node.entries.has(value) ? 1 : 0;
    default:
      return 0;
  }
}

function holdsText(node: Node, value: string): boolean {
  if (node.kind === "embedded") return holdsText(node.fields.get("token") ?? { kind: "null" }, value);
  return node.kind === "string" && node.value === value;
}
