// Carries out what only some kinds of worlds know: the trash is emptied, somebody signs out or is removed from the
// computer, the app is started twice, the server loses what it had confirmed, a folder of notes is imported.

import type { NoteId } from "../../shared/note";
import { tokensIn } from "../../shared/recovery/testing/random-world";
import { buildTree } from "../../shared/tree";
import type { Command } from "./commands";
import { makeFolder, placeFile, remove } from "./disk";
import { userId } from "./fakes/realm-app";
import { metadataOf, metadataPath } from "./fakes/stored-orders";
import { noteRemoved, noteTokens, touch } from "./ledger";
import { cutAll } from "./machines";
import type { Player } from "./player";
import { loseOnServer, type Story } from "./story";

export function performRarer(story: Story, player: Player, { kind, a, c }: Command): void {
  const { world } = story;
  const { machine } = player;
  switch (kind) {
    case "empty-trash":
      if (player.isWritable()) emptyTrash(story, player);
      return;
    case "import-folder":
      if (player.isWritable()) importFolder(story, player, 150 + (a % 150));
      return;
    case "sign-out":
      // Whoever has changes that are not synced is refused at first, and then keeps a copy.
      if (player.isWritable()) player.ask("account:sign-out", c % 3 === 0 ? undefined : { keepCopy: true });
      return;
    case "remove-user":
      player.restart(() => {
        const metadata = metadataOf(machine.disk, metadataPath(machine.dataDir));
        if (metadata.currentUserId === null) return;
        metadata.currentUserId = null;
        metadata.removed.add(userId);
      });
      return;
    case "second-instance":
      player.startSecond();
      return;
    case "schema-change":
      world.schema = "present";
      cutAll();
      return;
    case "drop-change":
      loseOnServer(story, () => void world.server.drop(a % 6));
      for (const session of world.sessions) session.newsAtServer();
      return;
    default:
      throw new Error(`nobody knows how to ${kind}`);
  }
}

/** What was in the trash is nobody's loss: its words were before the eyes of who emptied it. */
function emptyTrash({ ledger }: Story, player: Player): void {
  const by = player.machine.name;
  const { trashed, rows } = buildTree(player.notes().values(), player.perennial()?.notes()?.rootId);
  for (const id of trashed) {
    touch(ledger, by, id);
    for (const token of tokensIn(rows.get(id)?.text ?? "")) noteRemoved(ledger, by, token);
  }
  player.ask("notes:empty-trash", undefined);
}

function importFolder({ ledger }: Story, player: Player, files: number): void {
  const { name, disk, dataDir } = player.machine;
  ledger.count += 1;
  const folder = `${dataDir}/import ${ledger.count}`;
  makeFolder(disk, folder);
  const texts: string[] = [];
  for (let file = 1; file <= files; file += 1) {
    const text = `# ${ledger.newToken(name)}\n`;
    texts.push(text);
    placeFile(disk, `${folder}/${String(file).padStart(4, "0")}.md`, Buffer.from(text));
  }
  const before = new Set(player.notes().keys());
  const answer = player.ask("notes:import-folder", { folder }, `import ${ledger.count}`);
  remove(disk, folder, true);
  for (const id of player.notes().keys()) if (!before.has(id)) touch(ledger, name, id as NoteId);
  if (answer === null) for (const token of texts.flatMap(tokensIn)) ledger.unanswered.set(token, name);
  if (answer?.kind !== "ok") return;
  for (const [id, { text }] of player.notes()) if (!before.has(id)) noteTokens(ledger, name, id, text);
}
