// Carries out one command of a story in its world, and writes down what was done in the ledger. A command that makes
// no sense just now (a move on a machine that is off) does nothing.

import type { Note, NoteId } from "../../shared/note";
import { tokensIn } from "../../shared/recovery/testing/random-world";
import { buildTree, type Tree } from "../../shared/tree";
import type { Command } from "./commands";
import {
  isNewsWaiting,
  noteEmptied,
  noteRemovals,
  noteRemoved,
  noteRetitled,
  noteTokens,
  noteUndone,
  touch,
} from "./ledger";
import { cutAll } from "./machines";
import type { Instruction } from "./objects";
import { performRarer } from "./perform-rarer";
import { epochMs, type Player } from "./player";
import type { ResetOrder } from "./server-model";
import { note, nowMs } from "./simulation";
import { attend, loseOnServer, type Story } from "./story";
import { writeMeanwhile } from "./writing-meanwhile";

const resets: readonly Omit<ResetOrder, "action">[] = [
  { code: 208, message: "Bad client file identifier" },
  { code: 209, message: "Bad server version: the server was restored" },
  { code: 211, message: "Diverging histories" },
  { code: 217, message: "Server file deleted: sync was terminated" },
  { code: 222, message: "Client file has expired: too long offline" },
  { code: 225, message: "Invalid schema change" },
  { code: 228, message: "Server permissions changed" },
  { code: 132, message: "Automatic recovery from client reset failed" },
];

export function perform(story: Story, command: Command, index: number): void {
  const { world, players } = story;
  const { kind, a, b } = command;
  const player = players[command.machine % players.length]!;
  const { machine } = player;
  note(`command ${index}: ${kind} on ${machine.name}`);
  const session = () => [...world.sessions].find(({ process }) => process === machine.process);
  const order = (action: ResetOrder["action"], code: number, message: string) =>
    session()?.receive({ action, code, message });
  switch (kind) {
    case "create":
    case "edit":
    case "cut":
    case "rename":
    case "move":
    case "reorder":
    case "trash":
    case "restore":
    case "undo":
    case "import":
      if (player.isWritable()) act(story, player, command, index);
      else if (story.plan.writesMeanwhile !== "never") writeMeanwhile(story, player, command, index);
      return;
    case "app-of-another-make":
    case "hard-delete":
      if (world.serverUp) actAsOtherApp(story, command);
      return;
    case "offline":
      machine.online = false;
      session()?.networkChanged();
      return;
    case "online":
      machine.online = true;
      session()?.networkChanged();
      return;
    case "deaf":
      machine.deaf = true;
      return;
    case "hearing":
      machine.deaf = false;
      return;
    case "slow-bootstrap":
      machine.bootstrapMs = 50 + (a % 20_000);
      return;
    case "start-again":
      player.restart();
      return;
    case "kill":
      player.kill();
      return;
    case "die-soon":
      player.dieAfter(1 + (a % (b % 3 === 0 ? 200 : 40)));
      return;
    case "power-cut":
      story.ledger.powerCuts.add(machine.name);
      player.cutPower(() => story.random.below(1_000) / 1_000);
      return;
    case "clock-jump":
      machine.clockOffsetMs += [-3_600_000, -1_000, 5_000, 86_400_000][a % 4]!;
      return;
    case "disk-full":
      machine.disk.faults.roomBytes = a % 4_000;
      return;
    case "disk-read-only":
      machine.disk.faults.readOnlyBelow = a % 2 === 0 ? player.paths.backups : player.paths.local;
      return;
    case "disk-mended":
      machine.disk.faults.roomBytes = null;
      machine.disk.faults.readOnlyBelow = null;
      return;
    case "lose-subscription":
      if (player.isRunning() || player.file()?.pending.length !== 0) return;
      player.file()?.loseSubscription();
      noteEmptied(story.ledger, machine.name, new Set(player.textsOnDisk().flatMap(tokensIn)));
      return;
    case "server-down":
      world.serverUp = false;
      cutAll();
      return;
    case "server-up":
      world.serverUp = true;
      cutAll();
      return;
    case "reset": {
      const { code, message } = resets[a % resets.length]!;
      order("ClientReset", code, message);
      return;
    }
    case "delete-realm":
      order("DeleteRealm", 223, "The client file belongs to another user");
      return;
    case "refuse-upload":
      machine.refuseNextUpload = (
        [
          { action: "ClientReset", code: 104, message: "message too large" },
          { action: "ClientReset", code: 228, message: "Server permissions changed" },
          { action: "DeleteRealm", code: 223, message: "The client file belongs to another user" },
        ] as const
      )[a % 3]!;
      return;
    case "fatal-error":
      order("ApplicationBug", 205, "a bug of the application");
      return;
    case "unknown-error":
      order("unknown", 114, "Bad error code (ERROR)");
      return;
    case "restore-server":
      loseOnServer(story, () => world.server.restore(1 + (a % Math.min(8, world.server.moments()))));
      cutAll();
      return;
    case "terminate":
      loseOnServer(story, () => world.server.terminate(a % 3 === 0 ? b % 3 : 0));
      cutAll();
      return;
    case "forbid-recovery":
      story.forbidden.add(machine.name);
      return;
    case "reset-again":
      story.resetAgainAt.set(
        machine.name,
        (["downloading", "planning", "applying", "checking", "uploading", "reporting"] as const)[a % 6]!,
      );
      return;
    case "attend":
      attend(player, a % 3);
      return;
    case "wait":
      return;
    default:
      performRarer(story, player, command);
  }
}

export function act(story: Story, player: Player, { kind, a, b, c }: Command, index: number): void {
  const { ledger } = story;
  const by = player.machine.name;
  const tree = buildTree(player.notes().values(), player.perennial()?.notes()?.rootId);
  const { rootId } = tree;
  if (rootId === null) return;
  const live = [...tree.rows.keys()].filter((id) => !tree.trashed.has(id)).sort();
  const others = live.filter((id) => id !== rootId);
  const id = others[a % Math.max(1, others.length)];
  const parentId = live[b % live.length]!;
  const scope = `command ${index}`;
  switch (kind) {
    case "create": {
      const token = ledger.newToken(by);
      const text = `# ${token}\n`;
      const answer = player.ask("notes:create", { target: targetIn(tree, parentId, c), text }, scope);
      if (answer === null) ledger.unanswered.set(token, by);
      if (answer?.kind !== "ok") return;
      noteTokens(ledger, by, answer.value, text);
      touch(ledger, by, answer.value);
      return;
    }
    case "import":
      for (let count = 0; count < 2 + (c % 3); count += 1) {
        act(
          story,
          player,
          { kind: "create", machine: 0, a, b: b + count, c, waitMs: 0 },
          index * 1000 + count,
        );
      }
      return;
    case "edit":
    case "cut": {
      const before = id === undefined ? null : player.perennial()?.readNote(id);
      if (id === undefined || before == null) return;
      const lines = before.text.split("\n");
      const at = b % lines.length;
      const token = ledger.newToken(by);
      if (kind === "edit") {
        if (c % 4 === 0) lines[at] += ` ${token}`;
        else lines.splice(at + (c % 2), 0, token);
      } else if (c % 2 === 0) lines.splice(at, 1);
      else lines[at] = token;
      const text = lines.join("\n");
      noteRemovals(ledger, by, before.text, text);
      touch(ledger, by, id);
      note(`${by} writes ${JSON.stringify(text)} over ${JSON.stringify(before.text)} in ${id}`);
      const answer = player.ask("notes:edit", { id, text, base: before.text }, scope);
      if (answer?.kind === "ok") noteTokens(ledger, by, id, text);
      return;
    }
    case "rename": {
      const before = id === undefined ? null : player.perennial()?.readNote(id);
      if (id === undefined || before == null) return;
      const title = `Named ${ledger.newToken(by)}`;
      touch(ledger, by, id);
      const answer = player.ask("notes:rename", { id, title }, scope);
      // Without an answer it may be done yet.
      const [former = ""] = before.text.split("\n");
      if (answer === null) {
        noteRemovals(ledger, by, former, title);
        noteRetitled(ledger, former, title);
      }
      noteRemovals(ledger, by, before.text, player.perennial()?.readNote(id)?.text ?? "");
      if (answer?.kind === "ok") noteTokens(ledger, by, id, title);
      return;
    }
    case "move":
      if (id === undefined) return;
      touch(ledger, by, id);
      player.ask("notes:move", { id, target: targetIn(tree, parentId, c) }, scope);
      return;
    case "reorder": {
      const above = id === undefined ? null : tree.parents.get(id);
      if (id === undefined || above == null) return;
      touch(ledger, by, id);
      player.ask("notes:move", { id, target: targetIn(tree, above, c) }, scope);
      return;
    }
    case "trash": {
      if (id === undefined) return;
      touch(ledger, by, id);
      const below = [...tree.rows.keys()].filter((each) => isUnder(tree, each, id));
      const answer = player.ask("notes:trash", { id }, scope);
      if (answer?.kind !== "ok") return;
      // Whether it was judged knowing everything that others had done there.
      if (knowsEverything(story, player))
        ledger.trashings.push({ noteId: id, by, at: ledger.count, below, losses: ledger.losses });
      return;
    }
    case "restore": {
      const trashed = tree.trash[a % Math.max(1, tree.trash.length)];
      if (trashed === undefined) return;
      touch(ledger, by, trashed);
      player.ask("notes:restore", { id: trashed }, scope);
      return;
    }
    case "undo": {
      const before = player.notes();
      const isUpToDate = knowsEverything(story, player);
      const [state, commits] = [player.resetState().kind, ledger.commits.length];
      const answer = player.ask("notes:undo", undefined, scope);
      if (answer === null || !player.isRunning()) {
        // It died of it or with the answer, or may do it yet: what it may have undone is not asked for any more.
        for (const { noteId } of ledger.trashings) touch(ledger, by, noteId);
        for (const [token, { by: typedBy }] of ledger.tokens)
          if (typedBy === by) noteRemoved(ledger, by, token);
      }
      if (answer?.kind !== "ok") return;
      const after = player.notes();
      // Where it waited for a recovery, that has changed notes in between: only what a person's hand wrote is the undo's.
      const waited = player.resetState().kind !== state;
      const written = ledger.commits
        .slice(commits)
        .filter(({ machine, changeset }) => machine === by && changeset.origin === "person")
        .flatMap(({ changeset }) => changeset.instructions.map(({ id: writtenId }) => writtenId));
      const isOfUndo = (noteId: NoteId) => !waited || written.includes(noteId);
      for (const [noteId, was] of before) {
        const is = after.get(noteId);
        if (is === undefined || JSON.stringify(is) === JSON.stringify(was)) continue;
        touch(ledger, by, noteId);
        if (isOfUndo(noteId)) noteUndone(ledger, by, { before: was.text, after: is.text }, isUpToDate);
      }
      return;
    }
    default:
      return;
  }
}

/** Everything that others have done is in the notes that are open there. */
function knowsEverything({ world, ledger }: Story, player: Player): boolean {
  const isUpToDate = player.file()?.client.known === world.server.integration();
  return player.isWritable() && isUpToDate && !isNewsWaiting(ledger, player.machine.name);
}

function targetIn(tree: Tree<Note>, parentId: NoteId, pick: number) {
  const siblings = tree.children.get(parentId) ?? [];
  const at = pick % (siblings.length + 1);
  return { parentId, afterId: at === 0 ? null : siblings[at - 1]! };
}

export function isUnder(tree: Pick<Tree, "parents">, id: NoteId, ancestorId: NoteId): boolean {
  for (let at: NoteId | null = id; at !== null; at = tree.parents.get(at) ?? null)
    if (at === ancestorId) return true;
  return false;
}

/** A client that knows only the published fields, or an old version of ours that deletes for good. */
function actAsOtherApp({ world, ledger }: Story, { kind, a, b, c }: Command): void {
  const { server } = world;
  const objects = [...server.objects().values()].filter(({ cells }) => cells.isRoot.value !== true);
  const object = objects[a % Math.max(1, objects.length)];
  if (object === undefined) return;
  const { id } = object;
  const text = String(object.cells.text.value);
  const instructions: Instruction[] = [];
  const by = "other";
  touch(ledger, by, id);
  if (kind === "hard-delete") {
    for (const token of tokensIn(text)) noteRemoved(ledger, by, token);
    ledger.erased.add(id);
    instructions.push({ kind: "erase", id });
  } else if (c % 4 === 0) {
    instructions.push({ kind: "clear", id });
  } else if (c % 4 === 1) {
    const childId = `00000000-0000-4000-9000-${String(ledger.count).padStart(12, "0")}` as NoteId;
    const typed = `# ${ledger.newToken(by)}\n`;
    instructions.push(
      { kind: "create", id: childId },
      { kind: "set", id: childId, field: "text", value: typed },
    );
    instructions.push({ kind: "insert", id, after: null, element: `other-${ledger.count}`, childId });
    noteTokens(ledger, by, childId, typed);
    touch(ledger, by, childId);
  } else if (c % 4 === 2) {
    const typed = `${text}${ledger.newToken(by)}\n`;
    instructions.push({ kind: "set", id, field: "text", value: typed });
    noteTokens(ledger, by, id, typed);
  } else {
    const children = [...object.children];
    children.push(...children.splice(0, b % Math.max(1, children.length)));
    instructions.push({ kind: "clear", id });
    let after: string | null = null;
    for (const { childId } of children) {
      const element = `other-${ledger.count}-${childId}`;
      instructions.push({ kind: "insert", id, after, element, childId });
      after = element;
    }
  }
  const common = {
    version: 1,
    knew: server.integration(),
    clockMs: nowMs() + epochMs,
    journalSeq: 0,
  } as const;
  server.integrate({ writer: server.register(), ...common, instructions, origin: "other-app", machine: by });
  for (const session of world.sessions) session.newsAtServer();
}
