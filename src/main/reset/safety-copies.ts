// Which file is copied when: the open realm at the error, the file at the next start, the files of users who are not
// signed in before Realm acts upon them. How a copy is made and verified is in backup.ts.

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { BackupRef, ResetEvent, ResetFacts, ResetState } from "../../shared/reset-machine";
import type { Log } from "../log";
import { journalFile } from "../notes/journal";
import type { DataPaths } from "../paths";
import { readBackupRealm } from "../realm/backup-realm";
import type { FileGenerations } from "../realm/file-generation";
import type { NoteRealm } from "../realm/note-realm";
import type { StoredOrders } from "../realm/stored-orders";
import { type BackupManifest, type BackupResult, type BackupSource, damageOf, makeBackup } from "./backup";
import { removeFetched } from "./fetched-file";
import { findReplacement } from "./find-replacement";
import { factsOf, findSource, type NotesSource } from "./find-reset";
import { removeNotesAsRead } from "./notes-as-read";

export type SafetyCopies = {
  readonly ofOpenRealm: (
    realm: Pick<NoteRealm, "path" | "writeCopyTo">,
    facts: ResetFacts,
  ) => Promise<ResetEvent>;
  /** The file of notes that could not be opened. */
  readonly ofFile: (facts: ResetFacts) => Promise<ResetEvent>;
  /** After a start, before Realm may touch the file. */
  readonly secure: (state: Extract<ResetState, { kind: "securing" }>) => Promise<ResetEvent>;
  /**
   * Files of users who are not signed in are moved or deleted as well, by an order or because the user was removed
   * from this computer: their notes are copied before. Answers why a copy could not be made, or null.
   */
  readonly ofOthers: (known: KnownOrders, ownPath: string | null) => Promise<string | null>;
  /** Where the notes of the file left behind are now. */
  readonly sourceOf: (facts: ResetFacts, copy: BackupRef | null) => NotesSource;
};

export type KnownOrders = Pick<Extract<StoredOrders, { kind: "ok" }>, "orders" | "removedUserIds">;

type Dependencies = {
  readonly paths: DataPaths;
  readonly generations: FileGenerations;
  readonly appVersion: string;
  readonly now: () => number;
  readonly log: Log;
};

export function createSafetyCopies(dependencies: Dependencies): SafetyCopies {
  const { paths, generations, appVersion, now, log } = dependencies;

  async function copy(
    source: BackupSource,
    facts: ResetFacts,
    kind: BackupManifest["kind"] = "reset",
  ): Promise<BackupResult> {
    const journalOf = journalFile(paths.journals, facts.userId, facts.generation);
    const journals = existsSync(journalOf) ? [journalOf] : [];
    const about = { appVersion, atMs: now(), sealing: paths.sealing, kind };
    const make = () => makeBackup(paths.backups, source, facts, journals, about);
    let made = await make();
    if (made.kind === "failed" && made.bytesNeeded !== null && (await removeMadeAhead(facts))) {
      log("info", "what was read and fetched ahead was removed to make room for a safety copy");
      made = await make();
    }
    if (made.kind === "failed") log("error", "a safety copy could not be made", { error: made.message });
    return made;
  }

  /** Files that only save time must not take the room of one that saves notes. Answers whether there were any. */
  async function removeMadeAhead({ originalPath }: ResetFacts): Promise<boolean> {
    const wasRead = existsSync(paths.notesAsRead);
    if (wasRead) await removeNotesAsRead(paths.notesAsRead);
    return removeFetched(dirname(originalPath), paths.fetchedAhead) || wasRead;
  }

  function sourceOf(facts: ResetFacts, made: BackupRef | null): NotesSource {
    const { earlierRecovered } = generations.of(facts.userId) ?? { earlierRecovered: [] };
    return findSource(facts, made, paths, earlierRecovered);
  }

  /** A copy that was damaged since it was made is replaced by the best that is left. */
  async function whole(facts: ResetFacts, made: BackupRef): Promise<ResetEvent> {
    const damage = await damageOf(paths.backups, made.name);
    if (damage === null) return { kind: "copy-made", copy: made };
    log("error", "a safety copy is damaged; another source is looked for", { error: damage });
    const instead = await findReplacement(facts, made.name, paths);
    log("info", "the damaged copy is replaced", { by: instead.kind });
    switch (instead.kind) {
      case "copy":
        return { kind: "copy-made", copy: instead.copy };
      case "file":
        return eventOf(await copy(instead, facts));
      case "none":
        return {
          kind: "copy-failed",
          message: "The safety copy was changed or damaged on the disk, and there is no other.",
          bytesNeeded: null,
        };
    }
  }

  async function ofFileLeftBehind(facts: ResetFacts, made: BackupRef | null): Promise<ResetEvent> {
    const source = sourceOf(facts, made);
    switch (source.kind) {
      case "copy":
        return whole(facts, source.copy);
      case "file":
        return eventOf(await copy(source, facts));
      case "none":
        return { kind: "copy-failed", message: "The notes' file is gone from its place.", bytesNeeded: null };
    }
  }

  /**
   * The fresh file that the recovery was writing to is given up as well. What it has of the server's the server may
   * have lost since. Answers why it could not be copied, or null; one that cannot be read has nothing to be copied.
   */
  async function ofInterimFile(facts: ResetFacts): Promise<ResetEvent | null> {
    const { originalPath, userId } = facts;
    const generation = generations.of(userId)?.generation ?? facts.generation;
    if (!facts.moved || generation === facts.generation || !existsSync(originalPath)) return null;
    const content = readBackupRealm(originalPath, paths.sealing);
    if (content.kind === "unreadable")
      log("warn", "the fresh file cannot be read", { error: content.message });
    if (content.kind === "unreadable" || content.notes.size === 0) return null;
    const made = await copy({ kind: "file", path: originalPath }, { ...facts, generation }, "interim");
    return made.kind === "ok" ? null : eventOf(made);
  }

  return {
    async ofOpenRealm({ path, writeCopyTo }, facts) {
      return eventOf(await copy({ kind: "open-realm", path, writeCopyTo }, facts));
    },
    async ofFile(facts) {
      return eventOf(await copy({ kind: "file", path: facts.originalPath }, facts));
    },
    async secure({ facts, copy: made }) {
      const secured = await ofFileLeftBehind(facts, made);
      return secured.kind === "copy-made" ? ((await ofInterimFile(facts)) ?? secured) : secured;
    },
    async ofOthers({ orders, removedUserIds }, ownPath) {
      for (const file of generations.all()) {
        const isOrdered = orders.some(({ originalPath }) => originalPath === file.path);
        const isLeaving = isOrdered || removedUserIds.includes(file.userId);
        if (!isLeaving || file.path === ownPath || !existsSync(file.path)) continue;
        const facts = factsOf(file, { resetId: randomUUID(), atMs: now() });
        const made = await copy({ kind: "file", path: file.path }, facts);
        if (made.kind === "failed") return made.message;
      }
      return null;
    },
    sourceOf,
  };
}

function eventOf(made: BackupResult): ResetEvent {
  return made.kind === "ok"
    ? { kind: "copy-made", copy: made.copy }
    : { kind: "copy-failed", message: made.message, bytesNeeded: made.bytesNeeded };
}
