/**
 * A client's new queries: from here on it sees the history through them, and a bootstrap tells it what changes at once.
 */
import { randomSalt } from "../storage/salt";
import type { ClientFile, ViewPeriod } from "../storage/storage";
import { fieldsReadBy, parseView, type View } from "../view/view";
import { Bootstrap } from "./bootstrap";
import type { UnansweredQuery } from "./client-files";
import { type SyncContext, serverFileIdent } from "./context";
import { remnantsOf } from "./remnants";

export type Subscribed =
  | { readonly kind: "ok"; readonly file: ClientFile; readonly bootstrap: Bootstrap }
  | { readonly kind: "badQuery"; readonly message: string };

/** Periods that no upload can reach back to are forgotten, except the one a broken bootstrap falls back to. */
const periodsKept = 2;

/**
 * The client must be sent all of the history up to the present head through its former queries before the bootstrap.
 *
 * @param former the queries the client has now; undefined when it has nothing at all
 */
export function subscribe(
  context: SyncContext,
  file: ClientFile,
  former: ViewPeriod | undefined,
  query: UnansweredQuery,
): Subscribed {
  const { storage } = context;
  const { queryVersion, queryBody, brokenOff } = query;
  const parsed = parseView(queryBody, storage.schema(), context.permissions(file.userId));
  if (parsed.kind === "bad") return { kind: "badQuery", message: parsed.message };

  const seen = storage.transaction(() => {
    if (former) appendBoundary(context, file);
    const { version } = storage.head();
    recordFields(context, parsed.view, version);
    const periods = former ? file.views : [];
    const remnants = remnantsOf(context, former && context.view(file, former), parsed.view, brokenOff);
    const period: ViewPeriod = {
      fromVersion: version,
      queryVersion,
      queryBody,
      rules: context.rules.number,
      ...(brokenOff.length > 0 && { brokenOff, resent: [...remnants.resent, ...remnants.erasedKeys] }),
    };
    const subscribed: ClientFile = {
      ...file,
      views: [...forgetful(periods, file.uploadServerVersion), period],
    };
    storage.putClientFile(subscribed);
    return { file: subscribed, remnants };
  });

  const bootstrap = new Bootstrap(context, {
    at: storage.head(),
    queryVersion,
    clientVersion: seen.file.lastEntryClientVersion,
    former: former && context.view(file, former),
    current: parsed.view,
    remnants: seen.remnants,
    snapshot: storage.openSnapshot(),
  });
  return { kind: "ok", file: seen.file, bootstrap };
}

/**
 * A version of its own for a bootstrap, with nothing in it: what a client did before it had the bootstrap is based on
 * an earlier version, what it does afterwards on this one.
 */
function appendBoundary(context: SyncContext, file: ClientFile): void {
  const { storage } = context;
  storage.appendHistory({
    version: storage.head().version + 1,
    salt: randomSalt(),
    originFileIdent: serverFileIdent,
    originClientVersion: 0,
    originTimestampMs: context.timestampMs(),
    storedAtMs: context.options.nowMs(),
    changeset: new Uint8Array(0),
    touched: [],
    targetFileIdent: file.ident,
  });
}

function recordFields(context: SyncContext, view: View, sinceVersion: number): void {
  const { storage } = context;
  for (const [className, fields] of fieldsReadBy(view)) {
    for (const field of fields) {
      if (context.isAlwaysRecorded(className, field) || storage.queryableFields().get(className)?.has(field))
        continue;
      storage.addQueryableField(className, field, sinceVersion);
    }
  }
}

function forgetful(periods: readonly ViewPeriod[], reachedVersion: number): readonly ViewPeriod[] {
  const needed = periods.findLastIndex((period) => period.fromVersion <= reachedVersion);
  return periods.slice(Math.max(0, Math.min(needed, periods.length - periodsKept)));
}
