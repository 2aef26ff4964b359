/**
 * A client comes back with former queries, because the bootstrap of later ones broke off. Its uploads in between were
 * merged under the later ones all the same, so what it is shown from here on must fit both.
 */
import { objectKey } from "../changeset";
import type { ClientFile, ViewPeriod } from "../storage/storage";
import { isInView } from "../view/view";
import type { SyncContext } from "./context";
import type { ObjectName } from "./tell-again";

export type FallenBack = {
  readonly views: readonly ViewPeriod[];
  /** What the client must be told again, by key. */
  readonly seenOtherwise: ReadonlyMap<string, ObjectName>;
};

/** @param reached the index of the newest view period whose bootstrap the client has */
export function fallBack(
  context: SyncContext,
  file: ClientFile,
  reached: number,
  downloaded: number,
): FallenBack {
  const views = withoutLater(context, file, reached, downloaded);
  return { views, seenOtherwise: toldOtherwise(context, file, views, file.views[reached + 1]) };
}

/**
 * Back to the queries the client has: the bootstrap of later ones never arrived as a whole. What it made under them it
 * has nevertheless, but only from then on: what others did before with an object of the same key it never saw. Where
 * both made the same object, it is to hear of it from the beginning. If that is past for it, it hears of it from its own
 * making on, and how the object is from the entry that was made for it then: what is in between would not fit.
 */
function withoutLater(
  context: SyncContext,
  file: ClientFile,
  index: number,
  downloaded: number,
): readonly ViewPeriod[] {
  const views = file.views.slice(0, index + 1);
  const dropped = file.views[index + 1];
  const last = views.at(-1);
  if (!dropped || !last) return views;
  const lastView = context.view(file, last);
  const known = new Set(last.follows);
  const sinceByKey = new Map<string, number>();
  for (let version = dropped.fromVersion + 1; version <= context.storage.head().version; version++) {
    const { entry, instructions } = context.entry(version);
    if (entry.originFileIdent !== file.ident) continue;
    const made = new Set(
      instructions.flatMap(({ kind, ...at }) =>
        kind === "CreateObject" && "pk" in at ? objectKey(at.table, at.pk) : [],
      ),
    );
    for (const { table, pk, before, isLostCreation } of entry.touched) {
      const key = objectKey(table, pk);
      if (known.has(key) || sinceByKey.has(key) || !(made.has(key) || isLostCreation)) continue;
      if (before === null && !isLostCreation) sinceByKey.set(key, version - 1);
      else if (isLostCreation || !isInView(lastView, table, pk, before)) {
        const making =
          firstSeenCreation(context, file, key, dropped.fromVersion, version) ??
          (isLostCreation
            ? undefined
            : lastCreation(context, key, Math.max(last.fromVersion, downloaded), version));
        sinceByKey.set(key, (making ?? version) - 1);
      }
    }
  }
  const moments = [...new Set(sinceByKey.values())].sort((a, b) => a - b);
  const follows = [...known];
  for (const fromVersion of moments) {
    for (const [key, since] of sinceByKey) if (since === fromVersion) follows.push(key);
    views.push({ ...last, fromVersion, follows: [...follows] });
  }
  return views;
}

/**
 * Objects that the client was to be told of by an entry of its own, and that it now sees otherwise than when its uploads
 * were merged with that entry: under the later queries the object was out of sight and is in it now, or the other way.
 */
function toldOtherwise(
  context: SyncContext,
  former: ClientFile,
  views: readonly ViewPeriod[],
  dropped: ViewPeriod | undefined,
): ReadonlyMap<string, ObjectName> {
  const objects = new Map<string, ObjectName>();
  if (!dropped) return objects;
  const now = { ...former, views };
  for (let version = dropped.fromVersion + 1; version <= context.storage.head().version; version++) {
    const { entry } = context.entry(version);
    if (entry.targetFileIdent !== former.ident) continue;
    for (const { table, pk, after } of entry.touched) {
      const wasIn = isInView(context.viewAt(former, version), table, pk, after);
      const isIn = isInView(context.viewAt(now, version), table, pk, after);
      if (wasIn !== isIn) objects.set(objectKey(table, pk), { table, pk });
    }
  }
  return objects;
}

/** The first version after another one that made an object in the sight of the client: with that its own was merged. */
function firstSeenCreation(
  context: SyncContext,
  file: ClientFile,
  key: string,
  after: number,
  before: number,
): number | undefined {
  for (let version = after + 1; version < before; version++) {
    const { entry } = context.entry(version);
    if (entry.targetFileIdent !== undefined) continue;
    const object = entry.touched.find(({ table, pk }) => objectKey(table, pk) === key);
    if (
      object &&
      object.before === null &&
      isInView(context.viewAt(file, version), object.table, object.pk, object.after)
    )
      return version;
  }
  return undefined;
}

/** The last version before one, and after another one, that made an object. */
function lastCreation(context: SyncContext, key: string, after: number, before: number): number | undefined {
  for (let version = before - 1; version > after; version--) {
    const { touched } = context.entry(version).entry;
    if (touched.some(({ table, pk, before: fields }) => fields === null && objectKey(table, pk) === key))
      return version;
  }
  return undefined;
}
