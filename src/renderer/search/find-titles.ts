// Finding notes and commands by what is typed in the palette. Pure.

export type Found<T> = { readonly value: T; readonly score: number };

/**
 * How well a title answers a query: null where it does not hold every word of it. Better where the title begins
 * with the query, then where its words begin with the query's words, then where it is shorter.
 */
export function scoreTitle(title: string, query: string): number | null {
  const where = title.toLowerCase();
  const wanted = query.toLowerCase().trim();
  if (wanted === "") return 0;
  if (where === wanted) return 1_000;
  let score = where.startsWith(wanted) ? 500 : 0;
  for (const word of wanted.split(/\s+/)) {
    const at = where.indexOf(word);
    if (at === -1) return null;
    score += at === 0 || /[^\p{L}\p{N}]/u.test(where[at - 1] ?? "") ? 50 : 10;
  }
  return score - Math.min(9, title.length / 20);
}

/** The best ones, best first; equal ones stay in the order they came in. */
export function findBest<T>(
  values: Iterable<T>,
  titleOf: (value: T) => string,
  query: string,
  limit: number,
): readonly T[] {
  const found: Found<T>[] = [];
  for (const value of values) {
    const score = scoreTitle(titleOf(value), query);
    if (score !== null) found.push({ value, score });
  }
  return found
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ value }) => value);
}

/** An excerpt cut at every place where a word of the query stands, so that those can be marked. */
export function markWords(
  excerpt: string,
  query: string,
): readonly { readonly text: string; readonly hit: boolean }[] {
  const words = query
    .trim()
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (words.length === 0) return [{ text: excerpt, hit: false }];
  return excerpt
    .split(new RegExp(`(${words.join("|")})`, "giu"))
    .map((text, index) => ({ text, hit: index % 2 === 1 }))
    .filter(({ text }) => text !== "");
}
