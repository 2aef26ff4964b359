// A sync server in small: integrates changesets in the order they come, remembers every state it was in, can go back
// to one, forget its clients, lose what it had acknowledged, and refuse. What it tells clients are the errors that
// a real one sends. Knows nothing of time or connections.

import type { NoteId } from "../../shared/note";
import { applyChangeset, type Changeset, type NoteObject, type Objects, type Overruled } from "./objects";

export type ResetOrder = {
  readonly action: "ClientReset" | "DeleteRealm" | "ApplicationBug" | "Warning" | "unknown";
  readonly code: number;
  readonly message: string;
};

/** What a realm file knows of its server. */
export type ClientFile = {
  /** Null until the server has given it a number. */
  ident: number | null;
  /** The integration that its notes are as of. */
  known: number;
  /** The integration of its own last acknowledged changeset. */
  acked: number;
};

type Moment = {
  readonly integration: number;
  /** What made it; null: the server's own hand. */
  readonly changeset: Changeset | null;
  readonly objects: Objects;
  /** Of each client file, its last integrated changeset. */
  readonly progress: ReadonlyMap<number, number>;
};

export type Refusal = { readonly kind: "refused"; readonly order: ResetOrder };
export type Integrated = { readonly kind: "integrated"; readonly integration: number };

export type ServerModel = {
  readonly objects: () => Objects;
  readonly integration: () => number;
  readonly moments: () => number;
  /** A number for a new file; or what is wrong with the one that a file has; null: nothing. */
  readonly register: () => number;
  readonly check: (file: ClientFile) => ResetOrder | null;
  readonly integrate: (changeset: Changeset) => Integrated;
  /** The last changeset it has of a client file. */
  readonly progressOf: (ident: number) => number;
  /** Whether it has this changeset, in the history that holds now. */
  readonly has: (changeset: Changeset) => boolean;
  /** Back to the state so many integrations ago, as from a backup. */
  readonly restore: (back: number) => void;
  /** Sync is switched off and on again: what was acknowledged but had not reached the store is gone. */
  readonly terminate: (lost: number) => void;
  /** An acknowledged changeset of one of the machines does not stay: later states lack it. Answers whose it was. */
  readonly drop: (back: number) => Changeset | null;
  /** The server's own hand. */
  readonly write: (change: (objects: Map<NoteId, NoteObject>) => void) => void;
};

export function createServerModel(hooks: {
  readonly onOverruled: (overruled: Overruled) => void;
  readonly onIntegrated: (changeset: Changeset, before: Objects, after: Objects) => void;
}): ServerModel {
  let count = 0;
  let lastIdent = 0;
  /** Each known file with the integration at which it became known. */
  let idents = new Map<number, number>();
  let moments: Moment[] = [{ integration: 0, changeset: null, objects: new Map(), progress: new Map() }];
  /** Changesets of the history that holds now which did not stay, each with the integration that lacks it first. */
  const dropped = new Map<Changeset, number>();

  /** What an operator did last, as the server says it in its errors. */
  let incident = "";

  const last = () => moments.at(-1)!;
  const reset = (code: number, message: string): ResetOrder => ({
    action: "ClientReset",
    code,
    message: `${message}${incident}.`,
  });

  function add(objects: Objects, progress: ReadonlyMap<number, number>, changeset: Changeset | null): number {
    count += 1;
    moments.push({ integration: count, changeset, objects, progress });
    return count;
  }

  function backTo(kept: number): void {
    moments = moments.slice(0, kept);
    // A state of before it was lost has it again.
    for (const [changeset, since] of dropped) if (since > last().integration) dropped.delete(changeset);
  }

  return {
    objects: () => last().objects,
    integration: () => last().integration,
    moments: () => moments.length,
    register() {
      lastIdent += 1;
      idents.set(lastIdent, last().integration);
      return lastIdent;
    },
    check({ ident, known, acked }) {
      if (ident === null) return null;
      if (!idents.has(ident)) {
        return reset(208, "The server does not know this device's copy");
      }
      const isKnown = (integration: number) =>
        integration === 0 || moments.some((moment) => moment.integration === integration);
      if (isKnown(known) && isKnown(acked)) return null;
      return reset(209, "This device has seen changes that the server does not have");
    },
    integrate(changeset) {
      const { progress, objects } = last();
      if ((progress.get(changeset.writer) ?? 0) >= changeset.version) {
        return { kind: "integrated", integration: last().integration };
      }
      const after = new Map(objects);
      applyChangeset(after, changeset, count + 1, hooks.onOverruled);
      const integration = add(after, new Map(progress).set(changeset.writer, changeset.version), changeset);
      hooks.onIntegrated(changeset, objects, after);
      return { kind: "integrated", integration };
    },
    progressOf: (ident) => last().progress.get(ident) ?? 0,
    has: (changeset) => !dropped.has(changeset) && moments.some((each) => each.changeset === changeset),
    restore(back) {
      incident = ": the server was restored from a backup";
      backTo(Math.max(1, moments.length - back));
      // The files that are known are those of the backup.
      idents = new Map([...idents].filter(([, since]) => since <= last().integration));
    },
    terminate(lost) {
      incident =
        lost > 0 ? ": the server was restored from its store" : ": sync was terminated and enabled again";
      backTo(Math.max(1, moments.length - lost));
      idents = new Map();
    },
    drop(back) {
      // What only the server and an app of another make had is in no journal.
      const changeset = moments
        .flatMap((moment) => moment.changeset ?? [])
        .filter((each) => each.origin !== "other-app" && !dropped.has(each))
        .at(-1 - back);
      if (changeset === undefined) return null;
      const place = moments.findIndex((moment) => moment.changeset === changeset);
      const objects = new Map(moments[place - 1]!.objects);
      for (const { changeset: later, integration } of moments.slice(place + 1)) {
        if (later !== null && !dropped.has(later)) applyChangeset(objects, later, integration);
      }
      dropped.set(changeset, add(objects, last().progress, null));
      return changeset;
    },
    write(change) {
      const objects = new Map(last().objects);
      change(objects);
      add(objects, last().progress, null);
    },
  };
}
