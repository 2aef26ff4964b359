// The plan is made by the strategy in force and put on the disk, before anything of it is carried out. Decides only
// whether somebody has to see it first; writes no note.

import type { NoteId } from "../../../shared/note";
import { withLinesOf } from "../../../shared/recovery/plan-again";
import type { NoteHistory, ResetCause, StrategyName } from "../../../shared/recovery/plan-types";
import { brokenFields } from "../../../shared/recovery/strategies/schema-break";
import { planWith, strategyInForce } from "../../../shared/recovery/strategies/strategy";
import type { InState, ResetEvent } from "../../../shared/reset-machine";
import { readBackupFields } from "../../realm/backup-realm";
import { backupRealmPath } from "../../reset/backup";
import { cameBefore } from "../came-before";
import { callHook } from "../discard-hooks";
import { arrivedFrom, interimSide, revisionAsItWas, writtenOverIn } from "../interim-copies";
import { withCopyOf } from "../leftovers-of-copy";
import { needsReview } from "../mass-change";
import type { StoredPlan } from "../stored-plan";
import type { RecoveryDependencies } from "./step";

export async function makePlan(
  state: InState<"planning">,
  dependencies: RecoveryDependencies,
): Promise<ResetEvent> {
  const { store, seen, plans, now, log } = dependencies;
  const { facts, copy } = state;
  const local = await dependencies.localSide.read(facts, copy);
  if (local.kind === "unusable") return { kind: "failed", message: local.message };
  const { history, historyTrusted } = local;
  const { notes: remote, revisions } = store.readAll();
  const earlier = plans.read(facts.resetId);
  const chosen = earlier?.chosen ?? dependencies.strategy();
  const strategy = strategyFor(chosen, state, dependencies);
  if (strategy === "discard") {
    await callHook("before", () => dependencies.discardHooks.before?.(local.notes), log);
  }
  const here: ReadonlyMap<NoteId, NoteHistory> =
    local.interim.length === 0 ? new Map() : dependencies.writtenHere();
  const hasWrittenOver = writtenOverIn(here, { local, history });
  const anew = planWith(strategy, {
    resetId: facts.resetId,
    rootId: store.rootId,
    recoveredId: dependencies.recoveredId,
    local: local.notes,
    remote,
    history,
    seen: {
      earlier(id) {
        const theirs = { note: remote.get(id), revision: revisions.get(id) };
        return cameBefore(seen, theirs, { note: local.notes.get(id), revision: local.revisions.get(id) });
      },
      known: (id) => seen.knows(id) && history.get(id)?.created !== "unacked",
    },
    // Sync that was terminated and enabled again keeps the server's notes; should it not, the notes show it.
    serverWentBack: facts.cause === "restored",
    hasWrittenOver,
    isOtherVersion: (id) => local.revisions.get(id) !== revisions.get(id),
    interim: local.interim.map((side) =>
      interimSide(side, { notes: remote, revisions }, { local, history, seen, hasWrittenOver }),
    ),
    timeText: timeWords,
    historyTrusted,
  });
  const planned = withLinesOf(
    earlier?.plan ?? null,
    anew,
    remote,
    arrivedFrom(local.interim, { notes: remote, revisions }),
  );
  const asTheyWere = planned.steps.filter(({ asItWas }) => asItWas);
  const stored: StoredPlan = {
    resetId: facts.resetId,
    startedAtMs: now(),
    plan: planned,
    chosen,
    revisions: Object.fromEntries(
      asTheyWere.flatMap((step) => {
        const revision = revisionAsItWas(step, local, local.interim);
        return revision === undefined ? [] : [[step.note.id, revision]];
      }),
    ),
  };
  plans.write(stored);
  log("info", "the plan is made", {
    strategy,
    ...planned.counts,
    steps: planned.steps.length,
    rolledBack: planned.rolledBack,
  });
  const isWished = dependencies.reviewFirst() && planned.steps.length > 0;
  return { kind: "planned", needsReview: isWished || needsReview(planned.counts) !== null };
}

/** What is chosen, unless it would throw away what the server has no fields for. */
function strategyFor(
  chosen: StrategyName,
  state: InState<"planning">,
  dependencies: RecoveryDependencies,
): StrategyName {
  const broken = chosen === "discard" ? fieldsBroken(state, dependencies) : [];
  const isSchemaBroken = schemaCauses.includes(state.facts.cause) || broken.length > 0;
  const { strategy, insteadOf } = strategyInForce(chosen, isSchemaBroken);
  if (insteadOf !== null) {
    dependencies.log("warn", "the schema has changed, so nothing is discarded", {
      chosen: insteadOf,
      broken: broken.join("; "),
    });
  }
  return strategy;
}

/** A reset for one of these is about the shape of the notes, whatever the files show. */
const schemaCauses: readonly ResetCause[] = ["schema", "cannot-open"];

/** What makes Realm's own discard give way to the manual road: fields of the backup that the fresh copy has not. */
function fieldsBroken(
  state: InState<"planning">,
  { realm, folders }: RecoveryDependencies,
): readonly string[] {
  const { backups, planFile, sealing } = folders;
  const before = readBackupFields(backupRealmPath(backups, state.copy.name), sealing);
  const now = withCopyOf(realm, planFile, (path) => readBackupFields(path, sealing));
  return before === null || now === null ? [] : brokenFields(before, now);
}

const timeFormat = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});

function timeWords(atMs: number): string {
  return timeFormat.format(atMs);
}
