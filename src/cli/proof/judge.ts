// The oracles: what must hold when everything is quiet again, by what was done (the ledger) and what is there. What
// the app itself says it did is judged too, never believed.

import { createHash } from "node:crypto";
import { isTombstone, type NoteId } from "../../shared/note";
import type { RecoveryReport } from "../../shared/recovery/plan-types";
import { tokensIn } from "../../shared/recovery/testing/random-world";
import type { ResetState } from "../../shared/reset-machine";
import { buildTree } from "../../shared/tree";
import { bytesOf } from "./disk";
import type { RealmKey } from "./fakes/realm-encryption";
import { noteOf, readStored } from "./fakes/realm-file";
import type { Decoded } from "./fakes/stored-notes";
import { endRecovery, hadNewsBelow, isBeyondRecovery, isRetitled } from "./ledger";
import { isUnder } from "./perform";
import type { Player } from "./player";
import { readWith } from "./reading";
import { beginWatch, endWatch } from "./recovery-watch";
import { explain } from "./simulation";
import type { Story } from "./story";
import type { Violation } from "./violation";

/** Follows each recovery as it goes. */
export function watchReset(story: Story, player: Player, state: ResetState): void {
  const { counts, ledger, resetAgainAt, world } = story;
  const { name } = player.machine;
  if (state.kind === "protecting") counts.resets += 1;
  if (state.kind === "planning") {
    const isTold = state.facts.cause === "restored";
    const placings = ledger.placings.length;
    ledger.plannings.push({ machine: name, at: ledger.count, isTold, placings });
    beginWatch(story, player, state);
  }
  if (state.kind === "applying") {
    counts.recoveries += 1;
    explain(() => planOnDisk(player));
  }
  if (state.kind === "stopped") counts.stopped += 1;
  if (state.kind === "idle") {
    story.violations.push(...endWatch(story, player));
    endRecovery(ledger, name, player.file());
  }
  if (resetAgainAt.get(name) === state.kind) {
    resetAgainAt.delete(name);
    const session = [...world.sessions].find(({ process }) => process === player.machine.process);
    session?.receive({ action: "ClientReset", code: 211, message: "Diverging histories" });
  }
}

function planOnDisk({ machine, paths }: Player): string {
  const node = machine.disk.nodes.get(paths.plan);
  const plan = node?.kind === "file" ? readWith(bytesOf(node), paths.sealing) : "none";
  return `the plan of the ${machine.name}: ${plan}`;
}

export function judge(story: Story): void {
  const found = [
    ...nothingLost(story),
    ...noZombies(story),
    ...treeIsWhole(story),
    ...replicasAgree(story),
    ...backupsAreWhole(story),
    ...nothingIsPlain(story),
    ...leftoversAreTold(story),
  ];
  story.violations.push(...found);
}

export function reportsOf(player: Player): RecoveryReport[] {
  const reports: RecoveryReport[] = [];
  const listed = player.ask("reports:list", undefined);
  if (listed?.kind !== "ok") return [];
  for (const { resetId } of listed.value) {
    const read = player.ask("reports:read", { resetId });
    if (read?.kind === "ok") reports.push(read.value);
  }
  return reports;
}

function nothingLost({ ledger, world, players }: Story): Violation[] {
  const found = new Set<string>();
  for (const object of world.server.objects().values()) {
    for (const token of tokensIn(String(object.cells.text.value))) found.add(token);
  }
  const missing = [...ledger.tokens.keys()].filter(
    (token) =>
      !found.has(token) &&
      !ledger.removed.has(token) &&
      !ledger.excused.has(token) &&
      !isRetitled(ledger, token, found) &&
      !isBeyondRecovery(ledger, token),
  );
  if (missing.length === 0) return [];
  const told = new Set<string>();
  for (const player of players) {
    for (const { items, failed } of reportsOf(player)) {
      // What the machine had is in its copy; what only the server had and recovery wrote over is in none. Nor does a line
      // tell of a loss that says the word was put where it belongs: whoever took it from there later has to.
      for (const { noteId, mine, result } of items) {
        const putBack = new Set(failed.includes(noteId) ? [] : tokensIn(result ?? ""));
        for (const token of tokensIn(mine ?? "")) {
          if (!putBack.has(token) || ledger.overruled.has(token)) told.add(token);
        }
      }
    }
  }
  return missing
    .filter((token) => !told.has(token))
    .map((token) => {
      const { by, noteId } = ledger.tokens.get(token)!;
      return { oracle: "O1", what: `${token}, typed by ${by} into ${noteId}, is lost` };
    });
}

function serverTree({ world }: Story) {
  return buildTree([...world.server.objects().values()].map(noteOf));
}

/** In the trash by somebody who knew everything done there, and nobody did anything there since: then it is there. */
function noZombies(story: Story): Violation[] {
  const { ledger } = story;
  const tree = serverTree(story);
  // What the server did not allow is live by its will, and told.
  const failed = new Map(
    story.players.map((player) => [
      player.machine.name,
      reportsOf(player).flatMap((report) => report.failed),
    ]),
  );
  return ledger.trashings.flatMap(({ noteId, by, at, below, losses }) => {
    // A server that went back may show what nobody here had seen, which then counts as somebody's news.
    if (losses !== ledger.losses) return [];
    const later = ledger.touches.filter((each) => each.at > at);
    const isTouched = later.some((each) => below.includes(each.noteId) || isUnder(tree, each.noteId, noteId));
    if (!isTouched && hadNewsBelow(ledger, { noteId, by, at })) return [];
    if (isTouched || ledger.powerCuts.has(by) || !tree.rows.has(noteId) || tree.trashed.has(noteId))
      return [];
    if (failed.get(by)?.includes(noteId)) return [];
    return [{ oracle: "O2", what: `${noteId}, trashed on the ${by}, is live` }];
  });
}

/** Recovery leaves no note where nobody reaches it. What persons' own concurrent moves came to is not its doing. */
function treeIsWhole(story: Story): Violation[] {
  const tree = serverTree(story);
  const objects = story.world.server.objects();
  const failed = new Set(story.players.flatMap((player) => reportsOf(player).flatMap((each) => each.failed)));
  const isRecoverys = (id: NoteId) => {
    const place = objects.get(id)?.cells.parentId;
    if (place?.origin !== "recovery") return false;
    // The server did not allow the parent, which the report says.
    if (!objects.has(place.value as NoteId) && failed.has(place.value as NoteId)) return false;
    // An old app deleted the parent for good, and the recovery could not know it yet when it wrote the place.
    const erasedAt = story.ledger.erasedAt.get(place.value as NoteId) ?? 0;
    return objects.has(place.value as NoteId) || erasedAt <= place.knew;
  };
  const found: Violation[] = [];
  if (tree.rootId === null) found.push({ oracle: "O3", what: "there is no root" });
  const inCycle = new Set(tree.cycles.flat());
  for (const cycle of tree.cycles) {
    const places = cycle.map((id) => objects.get(id)!.cells.parentId);
    const last = places.reduce((a, b) => (a.integration > b.integration ? a : b));
    const knewAll = places.every((place) => place === last || place.integration <= last.knew);
    if (last.origin === "recovery" && knewAll)
      found.push({ oracle: "O3", what: `a cycle: ${cycle.join(" ")}` });
  }
  for (const id of tree.recovered) {
    if (isRecoverys(id) && !inCycle.has(id)) {
      found.push({ oracle: "O3", what: `${id} is not reached from the root` });
    }
  }
  return found;
}

function replicasAgree({ players, world }: Story): Violation[] {
  const notes = [...world.server.objects().values()].map(noteOf);
  const wanted = fingerprint(notes);
  const living = notes.filter((note) => !isTombstone(note));
  const shown = living
    .map(({ id }) => id)
    .sort()
    .join();
  return players.flatMap((player) => {
    const is = fingerprint([...player.notes().values()]);
    const rows = [...(player.perennial()?.notes()?.rows.keys() ?? [])].sort().join();
    const found: Violation[] = [];
    if (is !== wanted)
      found.push({ oracle: "O9", what: `the ${player.machine.name} differs from the server` });
    if (rows !== shown) {
      found.push({ oracle: "O9", what: `the ${player.machine.name} shows other notes than there are` });
    }
    return found;
  });
}

function fingerprint(notes: readonly ReturnType<typeof noteOf>[]): string {
  return JSON.stringify([...notes].sort((a, b) => (a.id < b.id ? -1 : 1)));
}

/** Every report's safety copy is there, with the content that its manifest names. */
function backupsAreWhole({ players }: Story): Violation[] {
  return players.flatMap((player) => {
    const { nodes } = player.machine.disk;
    return reportsOf(player).flatMap(({ backupName, cause }) => {
      // What the audit put back it found without a reset, and so without a copy made for it.
      if (cause === "vanished" && backupName === "") return [];
      const folder = `${player.paths.backups}/${backupName}`;
      const realm = nodes.get(`${folder}/notes.realm`);
      const manifest = nodes.get(`${folder}/manifest.json`);
      if (realm?.kind !== "file" || manifest?.kind !== "file") {
        return [{ oracle: "O8", what: `the copy ${backupName} of the ${player.machine.name} is gone` }];
      }
      const { sha256 } = JSON.parse(bytesOf(manifest).toString()) as { sha256: string };
      const isWhole = createHash("sha256").update(bytesOf(realm)).digest("hex") === sha256;
      return isWhole ? [] : [{ oracle: "O8", what: `the copy ${backupName} is not what it was` }];
    });
  });
}

/** Where a data folder is encrypted, no file in it has a word of the notes for somebody without the key. */
function nothingIsPlain({ players, ledger }: Story): Violation[] {
  return players.flatMap(({ machine, paths }) => {
    if (paths.sealing.keyId === null) return [];
    const found: Violation[] = [];
    for (const [path, node] of machine.disk.nodes) {
      if (node.kind !== "file") continue;
      const words = tokensIn(bytesOf(node).toString("latin1"));
      if (words.some((word) => ledger.tokens.has(word)))
        found.push({ oracle: "sealed", what: `${path} can be read without the key` });
    }
    return found;
  });
}

/** What a copy of a former schema has and no note here has a place for stands in the report, value by value. */
function leftoversAreTold({ players }: Story): Violation[] {
  return players.flatMap((player) => {
    const { machine, paths } = player;
    return reportsOf(player).flatMap(({ backupName, cause, leftovers }) => {
      const copy = machine.disk.nodes.get(`${paths.backups}/${backupName}/notes.realm`);
      if (cause === "vanished" || copy?.kind !== "file") return [];
      const kept = keptIn(bytesOf(copy), paths.sealing.realm.encryptionKey);
      const told = new Map(
        leftovers?.values?.map(({ noteId, field, value }) => [`${noteId}.${field}`, value]),
      );
      return Object.entries(kept).flatMap(([noteId, fields]) =>
        Object.entries(fields)
          .filter(([field, value]) => told.get(`${noteId}.${field}`) !== value)
          .map(([field]) => ({
            oracle: "O7",
            what: `${field} of ${noteId} in ${backupName} is told nowhere`,
          })),
      );
    });
  });
}

/** A copy that cannot be read is not what it was, which O8 says. */
function keptIn(copy: Buffer, key: RealmKey): Decoded["kept"] {
  try {
    return readStored(copy, key).kept;
  } catch {
    return {};
  }
}
