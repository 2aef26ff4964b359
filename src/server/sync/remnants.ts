/**
 * What broken-off bootstraps may have left in a client. A client that loses its connection keeps the part it has and
 * appends the next bootstrap of the same queries to it; both are then carried out, the part first. What the part says
 * and the world has since contradicted must be put right by the bootstrap that follows.
 */
import { type Instruction, objectKey } from "../changeset";
import { isInView, type View } from "../view/view";
import type { SyncContext } from "./context";

export type Remnants = {
  /** Keys of objects that the client has anyway, but that the part may have erased or put back. */
  readonly resent: ReadonlySet<string>;
  /** Keys of objects that have changed since the first part. */
  readonly touched: ReadonlySet<string>;
  /** Erases the objects that the part may create and that are in no view any more. */
  readonly erased: Instruction[];
  readonly erasedKeys: readonly string[];
};

const none: Remnants = { resent: new Set(), touched: new Set(), erased: [], erasedKeys: [] };

/** @param brokenOff the versions of the broken-off bootstraps, oldest first; the history since then must be there */
export function remnantsOf(
  context: SyncContext,
  former: View | undefined,
  current: View,
  brokenOff: readonly number[],
): Remnants {
  const [oldest] = brokenOff;
  if (!former || oldest === undefined) return none;
  const { storage } = context;
  const { follows: _, ...byQueries } = former;
  const seen = new Map<string, { judgedAt: number; isCreated: boolean; isErased: boolean }>();
  const touched = new Map<string, { table: string; pk: Parameters<typeof isInView>[2] }>();
  for (let version = oldest + 1; version <= storage.head().version; version++) {
    const { entry } = context.entry(version);
    if (entry.targetFileIdent !== undefined) continue;
    const latest = brokenOff.findLast((at) => at < version) ?? oldest;
    for (const { table, pk, before } of entry.touched) {
      const key = objectKey(table, pk);
      const known = seen.get(key) ?? { judgedAt: 0, isCreated: false, isErased: false };
      // The first entry after a part tells how the object was when the part was made.
      if (known.judgedAt === latest) continue;
      const wasIn = isInView(byQueries, table, pk, before);
      const isIn = isInView(current, table, pk, before);
      seen.set(key, {
        judgedAt: latest,
        isCreated: known.isCreated || (isIn && !wasIn),
        isErased: known.isErased || (wasIn && !isIn),
      });
      touched.set(key, { table, pk });
    }
  }

  const resent = new Set<string>();
  const erased: Instruction[] = [];
  const erasedKeys: string[] = [];
  for (const [key, { table, pk }] of touched) {
    const { isCreated = false, isErased = false } = seen.get(key) ?? {};
    const document = storage.object(table, pk);
    const fields = document ? context.allFields(table, document) : null;
    const wasIn = isInView(former, table, pk, fields);
    const isIn = isInView(current, table, pk, fields);
    if (wasIn && isIn && (isCreated || isErased)) resent.add(key);
    if (wasIn || isIn || !isCreated) continue;
    erased.push({ kind: "EraseObject", table, pk });
    erasedKeys.push(key);
  }
  return { resent, touched: new Set(touched.keys()), erased, erasedKeys };
}
