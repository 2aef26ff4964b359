// The bench's figures as Markdown tables: per 1000 worlds, whole numbers where they are. Pure.

import { type Fidelity, type Harm, harms, sumOf } from "../../src/shared/recovery/testing/fidelity";
import type { ServerEvent } from "../../src/shared/recovery/testing/random-world";

export type Counted = { readonly event: ServerEvent; readonly counts: Fidelity };

export type Row = {
  readonly name: string;
  readonly counted: readonly Counted[];
  /** What has to be said about how it was measured. */
  readonly notes: readonly string[];
};

const heads: Readonly<Record<Harm, string>> = {
  lost: "words lost",
  overwritten: "others' edits overwritten",
  resurrected: "notes resurrected",
  orphaned: "notes orphaned",
  duplicated: "duplicated",
};

const titles: Readonly<Record<ServerEvent, string>> = {
  none: "The server has lost nothing",
  "rolled-back": "The server was restored from an older backup",
  "lost-notes": "The server has lost notes",
  "lost-lists": "The server has lost the lists of children",
};

/** Rounded to a tenth. */
export function perThousand(all: readonly Fidelity[]): Fidelity {
  const sum = sumOf(all);
  const scaled = harms.map((harm) => [harm, Math.round((sum[harm] * 10_000) / all.length) / 10]);
  return Object.fromEntries(scaled) as Fidelity;
}

/** For one event of the server, or for all (null); null where there are no such worlds. */
export function renderTable(rows: readonly Row[], event: ServerEvent | null): string | null {
  const lines = rows.flatMap(({ name, counted }) => {
    const chosen = counted.filter((each) => event === null || each.event === event);
    if (chosen.length === 0) return [];
    const counts = perThousand(chosen.map((each) => each.counts));
    return [
      `| ${name} | ${harms.map((harm) => counts[harm].toLocaleString("en")).join(" | ")} | ${chosen.length} |`,
    ];
  });
  if (lines.length === 0) return null;
  return [
    `### ${event === null ? "All worlds" : titles[event]}`,
    "",
    `| per 1,000 worlds | ${harms.map((harm) => heads[harm]).join(" | ")} | worlds played |`,
    `| --- | ${harms.map(() => "---:").join(" | ")} | ---: |`,
    ...lines,
  ].join("\n");
}
