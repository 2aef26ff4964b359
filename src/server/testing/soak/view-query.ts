/**
 * The queries of the soak: few and simple, so that for each a client can say which objects it may make. They travel
 * as the name of the subscription, and thereby outlive the process that made it.
 */
import type { Random } from "../random";

export type ViewQuery =
  | { readonly kind: "all" }
  | { readonly kind: "shelfIs"; readonly shelf: number | null }
  | { readonly kind: "shelfAbove"; readonly shelf: number }
  | { readonly kind: "shelfIsNot"; readonly shelf: number }
  | { readonly kind: "labelBegins"; readonly text: string };

export const shelves = [null, 0, 1, 2, 3] as const;
export const labels = ["apple", "arnica", "birch", "clover"] as const;

export function randomQuery(random: Random): ViewQuery {
  switch (random.below(6)) {
    case 0:
      return { kind: "shelfIs", shelf: random.pick(shelves) ?? null };
    case 1:
      return { kind: "shelfAbove", shelf: random.below(3) };
    case 2:
      return { kind: "shelfIsNot", shelf: random.below(4) };
    case 3:
      return { kind: "labelBegins", text: random.pick(["a", "b", "cl"]) ?? "a" };
    default:
      return { kind: "all" };
  }
}

export function queryText(query: ViewQuery): string {
  switch (query.kind) {
    case "all":
      return "TRUEPREDICATE";
    case "shelfIs":
      return `shelf == ${query.shelf ?? "nil"}`;
    case "shelfAbove":
      return `shelf > ${query.shelf}`;
    case "shelfIsNot":
      return `NOT shelf == ${query.shelf}`;
    case "labelBegins":
      return `label BEGINSWITH "${query.text}"`;
  }
}

export function matchesQuery(query: ViewQuery, object: { shelf: number | null; label: string }): boolean {
  switch (query.kind) {
    case "all":
      return true;
    case "shelfIs":
      return object.shelf === query.shelf;
    case "shelfAbove":
      return object.shelf !== null && object.shelf > query.shelf;
    case "shelfIsNot":
      return object.shelf !== query.shelf;
    case "labelBegins":
      return object.label.startsWith(query.text);
  }
}
