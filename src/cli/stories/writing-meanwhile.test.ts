import { randomBytes } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { NoteId } from "../../shared/note";
import type { ClientOptions, HeadlessClient } from "../scenario/headless-client";
import { untilRecovered, untilSynced } from "../scenario/waits";
import { type RewritingProxy, startRewritingProxy } from "./rewriting-proxy";
import { addNote, addSynced, lastReport, openWorld, rewrite, textOf, untilTexts, type World } from "./world";

type Prepared = {
  readonly world: World;
  readonly client: HeadlessClient;
  readonly kept: NoteId;
  readonly backup: string;
};

/** At the prompt after the server was restored, with an edit that it never had. */
async function atThePrompt(more: Partial<ClientOptions> = {}, proxy?: RewritingProxy): Promise<Prepared> {
  const world = await openWorld(proxy === undefined ? {} : { proxy });
  const client = await world.openClient("laptop", "gardener", more);
  const kept = await addSynced(client, "# Kept\n");
  const backup = await world.backUp();
  await addSynced(client, "# After the backup\n");
  await world.restore(backup);
  await client.until("the prompt", ({ reset }) => reset.kind === "prompt");
  await rewrite(client, kept, "# Kept\nat the prompt\n");
  return { world, client, kept, backup };
}

/** The server is there and says nothing, so that the fresh copy is a long time coming. */
async function inASlowDownload(more: Partial<ClientOptions> = {}): Promise<Prepared> {
  const story = await atThePrompt(more);
  story.world.server().signal("SIGSTOP");
  await story.client.ask("reset:restart", undefined);
  await untilWritableMeanwhile(story.client);
  return story;
}

async function untilWritableMeanwhile(client: HeadlessClient): Promise<void> {
  await client.until(
    "notes that can be written to while the fresh copy is got",
    ({ reset, readOnly }, state) => reset.kind === "recovering" && state === "downloading" && !readOnly,
  );
}

type Typed = {
  /** Lines of edits that were answered. */
  readonly answered: string[];
  /** What the reset machine was at when each of them was asked for. */
  readonly askedIn: Set<string>;
};

/** Adds a line to the note, and another one, until nobody answers any more or it is enough. */
async function typeOn(
  client: HeadlessClient,
  id: NoteId,
  name: string,
  isEnough: () => boolean,
): Promise<Typed> {
  const answered: string[] = [];
  const askedIn = new Set<string>();
  try {
    while (!isEnough()) {
      const { text: base } = await client.ask("notes:read", { id });
      const line = `${name} ${answered.length}`;
      const state = client.resetState();
      await client.ask("notes:edit", { id, text: `${base}${line}\n`, base });
      answered.push(line);
      askedIn.add(state);
    }
  } catch (error) {
    // Whoever died in the midst of it has answered nothing.
    if (!/client ended|channel closed|EPIPE/i.test(String(error))) throw error;
  }
  return { answered, askedIn };
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

/** From the plan on. */
const planned = ["planning", "applying", "checking", "uploading", "reporting"] as const;

describe("writing while a recovery runs", () => {
  it("begins with the notes, not with the end of the download, and is all in the plan", async () => {
    const proxy = await startRewritingProxy();
    const { world, client, kept } = await atThePrompt({}, proxy);
    proxy.hold();
    await client.ask("reset:restart", undefined);
    await untilWritableMeanwhile(client);
    // Connected, with all that the server says still on its way.
    await client.until("a connection", ({ reset }) => reset.kind === "recovering" && !reset.progress.offline);
    const made = await addNote(client, "# New meanwhile\n");
    await addNote(client, "# Below it\n", made);
    await rewrite(client, kept, "# Kept\nat the prompt\nand meanwhile\n");
    await client.kill();
    client.start();
    await untilWritableMeanwhile(client);
    await rewrite(client, made, "# New meanwhile\nand more after a kill\n");
    const wanted = [
      "# Kept\nat the prompt\nand meanwhile\n",
      "# After the backup\n",
      "# New meanwhile\nand more after a kill\n",
      "# Below it\n",
    ];
    await untilTexts(client, wanted);
    proxy.release();
    await untilRecovered(client);
    await untilTexts(client, wanted);
    await untilSynced(client);
    const fresh = await world.openClient("fresh");
    await untilTexts(fresh, wanted);
    expect((await lastReport(client)).items.map(({ title }) => title).sort()).toEqual([
      "After the backup",
      "Below it",
      "Kept",
      "New meanwhile",
    ]);
  });

  it.each(planned)("loses nothing that was answered when the process is killed in '%s'", async (state) => {
    const { world, client, kept } = await inASlowDownload();
    await rewrite(client, kept, "# Kept\nat the prompt\nmeanwhile\n");
    const made = await addNote(client, "# New meanwhile\n");
    await client.kill();
    world.server().signal("SIGCONT");
    const dead = client.dieAt(state);
    await client.until("notes", ({ readOnly }) => !readOnly).catch(() => undefined);
    const { answered } = await typeOn(client, kept, "typed", () => false);
    await dead;
    client.start();
    await untilRecovered(client);
    const lines = linesOf(await textOf(client, kept));
    expect(lines).toEqual(expect.arrayContaining(["at the prompt", "meanwhile", ...answered]));
    expect(new Set(lines).size).toBe(lines.length);
    await untilSynced(client);
    const fresh = await world.openClient("fresh");
    expect(await textOf(fresh, kept)).toBe(await textOf(client, kept));
    expect(await textOf(fresh, made)).toBe("# New meanwhile\n");
  });

  it.each([false, true])(
    "does after a kill what was asked for and could not be answered before it (encrypted: %s)",
    async (encrypt) => {
      const keyFile = join(tmpdir(), `perennial-asked-${process.pid}.key`);
      await writeFile(keyFile, randomBytes(64).toString("hex"));
      onTestFinished(() => rm(keyFile, { force: true }));
      const proxy = await startRewritingProxy();
      const { world, client, kept } = await atThePrompt(encrypt ? { encrypt, keyFile } : {}, proxy);
      const below = await addNote(client, "# Below\n");
      const last = await addNote(client, "# Last\n");
      await client.ask("settings:choose-review-first", { reviewFirst: true });
      await client.ask("reset:restart", undefined);
      await client.until("the review", ({ reset }) => reset.kind === "review");
      // Nothing more arrives at the server, so that the upload takes as long as it is wanted to.
      proxy.swallow();
      await client.ask("reset:accept-plan", undefined);
      await client.until("the upload", (_, state) => state === "uploading");
      const asked = [
        client.ask("notes:rename", { id: kept, title: "Renamed while it uploads" }),
        client.ask("notes:create", {
          target: { parentId: kept, afterId: null },
          text: "# Made while it uploads\n",
        }),
        client.ask("notes:move", { id: below, target: { parentId: kept, afterId: null } }),
        client.ask("notes:trash", { id: last }),
      ].map((answer) =>
        answer.then(
          () => "answered",
          () => "ended",
        ),
      );
      const { typing } = world.pathsOf(client);
      const onDisk = () => readdir(typing).catch(() => []);
      await vi.waitFor(async () => expect(await onDisk()).toHaveLength(1), { timeout: 30_000, interval: 20 });
      // What is asked after the others is answered after them: all of them have been taken.
      await client.ask("notes:read", { id: kept });
      await client.kill();
      expect(await Promise.all(asked)).toEqual(new Array(4).fill("ended"));
      const [file] = await onDisk();
      const content = await readFile(join(typing, file!));
      expect(content.includes("Made while it uploads")).toBe(!encrypt);

      client.start();
      await untilRecovered(client);
      const wanted = [
        "# Renamed while it uploads\nat the prompt\n",
        "# After the backup\n",
        "# Made while it uploads\n",
        "# Below\n",
      ];
      await untilTexts(client, wanted);
      const parents = async (of: HeadlessClient) =>
        [...(await of.notes()).values()].filter(({ parentId }) => parentId === kept).map(({ text }) => text);
      expect((await parents(client)).sort()).toEqual(["# Below\n", "# Made while it uploads\n"]);
      expect((await client.ask("notes:read", { id: last })).deletedAtMs).not.toBeNull();
      expect(await onDisk()).toEqual([]);
      await untilSynced(client);
      await client.kill();
      client.start();
      await untilSynced(client);
      await untilTexts(client, wanted);
      await untilTexts(await world.openClient("fresh"), wanted);
    },
  );

  it("goes on without a refusal from the first line to the end", async () => {
    const { world, client, kept } = await inASlowDownload();
    world.server().signal("SIGCONT");
    const isOver = () => client.state()?.reset.kind === "finished";
    const [{ answered, askedIn }] = await Promise.all([
      typeOn(client, kept, "line", isOver),
      untilRecovered(client),
    ]);
    // The rest may be over in less than it takes to ask once more.
    expect(askedIn).toContain("downloading");
    expect(linesOf(await textOf(client, kept))).toEqual(["# Kept", "at the prompt", ...answered]);
    await untilSynced(client);
    const fresh = await world.openClient("fresh");
    expect(linesOf(await textOf(fresh, kept))).toEqual(["# Kept", "at the prompt", ...answered]);
  });

  it("is undone afterwards as it would have been before", async () => {
    const { world, client, kept } = await inASlowDownload();
    await client.ask("notes:rename", { id: kept, title: "Renamed meanwhile" });
    const made = await addNote(client, "# New meanwhile\n");
    world.server().signal("SIGCONT");
    await untilRecovered(client);
    expect(client.state()?.canUndo).toContain("New meanwhile");
    await client.ask("notes:undo", undefined);
    await client.ask("notes:undo", undefined);
    expect((await client.ask("notes:read", { id: made })).deletedAtMs).not.toBeNull();
    expect(await textOf(client, kept)).toBe("# Kept\nat the prompt\n");
    await expect(client.ask("notes:undo", undefined)).rejects.toThrow("There is nothing to undo.");
    await untilSynced(client);
  });

  it("ends where the recovered notes themselves are needed: no import, no copy, nothing deleted for good", async () => {
    const { world, client } = await inASlowDownload();
    const folder = world.folder;
    await expect(client.ask("notes:import-folder", { folder })).rejects.toThrow(
      /until your notes are recovered/,
    );
    await expect(client.ask("notes:empty-trash", undefined)).rejects.toThrow(
      /until your notes are recovered/,
    );
    await expect(client.ask("backups:make", undefined)).rejects.toThrow(/have a safety copy already/);
    world.server().signal("SIGCONT");
    await untilRecovered(client);
    await client.ask("backups:make", undefined);
  });

  it("survives another reset, online, with a kill after it", async () => {
    const { world, client, kept, backup } = await inASlowDownload();
    await rewrite(client, kept, "# Kept\nat the prompt\nmeanwhile\n");
    const made = await addNote(client, "# New meanwhile\n");
    await client.kill();
    world.server().signal("SIGCONT");
    await client.dieAt("applying");
    await world.restore(backup);
    await client.dieAt("downloading");
    world.server().signal("SIGSTOP");
    client.start();
    await untilWritableMeanwhile(client);
    await rewrite(client, made, "# New meanwhile\nand after the second reset\n");
    world.server().signal("SIGCONT");
    await untilRecovered(client);
    const wanted = [
      "# Kept\nat the prompt\nmeanwhile\n",
      "# After the backup\n",
      "# New meanwhile\nand after the second reset\n",
    ];
    await untilTexts(client, wanted);
    await untilSynced(client);
    await untilTexts(await world.openClient("fresh"), wanted);
  });

  it("stops where a plan waits for somebody, and is part of that plan", async () => {
    const { world, client, kept } = await atThePrompt();
    await client.ask("settings:choose-review-first", { reviewFirst: true });
    world.server().signal("SIGSTOP");
    await client.ask("reset:restart", undefined);
    await untilWritableMeanwhile(client);
    const made = await addNote(client, "# New meanwhile\n");
    world.server().signal("SIGCONT");
    await client.until("the review", ({ reset, readOnly }) => reset.kind === "review" && readOnly);
    const { items } = await client.ask("reset:plan-items", { from: 0, count: 100 });
    expect(items.map(({ noteId }) => noteId)).toContain(made);
    await expect(rewrite(client, kept, "# No\n")).rejects.toThrow(/only be read/);
    await client.ask("reset:accept-plan", undefined);
    await untilRecovered(client);
    await untilTexts(client, ["# Kept\nat the prompt\n", "# After the backup\n", "# New meanwhile\n"]);
  });

  it("leaves no word of it readable in an encrypted folder", async () => {
    const keyFile = join(tmpdir(), `perennial-meanwhile-${process.pid}.key`);
    await writeFile(keyFile, randomBytes(64).toString("hex"));
    onTestFinished(() => rm(keyFile, { force: true }));
    const { world, client, kept } = await inASlowDownload({ encrypt: true, keyFile });
    await rewrite(client, kept, "# Kept\nat the prompt\na secret\n");
    await client.kill();
    world.server().signal("SIGCONT");
    client.start();
    await untilRecovered(client);
    expect(await textOf(client, kept)).toBe("# Kept\nat the prompt\na secret\n");
    const { journals } = world.pathsOf(client);
    for (const name of await readdir(journals)) {
      expect((await readFile(join(journals, name))).includes("a secret")).toBe(false);
    }
    await untilSynced(client);
  });
});
