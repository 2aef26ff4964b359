import { existsSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import type { ResetState } from "../../shared/reset-machine";
import type { OpenResult } from "../realm/note-realm";
import { Realm } from "../realm/realm";
import { noteSchema } from "../realm/schema";
import { createFetchedAhead } from "./fetched-ahead";
import { adoptFetched, fetchedPathOf } from "./fetched-file";
import { folderInReset } from "./testing/fetched-folder";

/** In front of a prompt, with a real file beside the notes whose download ends when `arrive` is called. */
function atThePrompt() {
  const { paths, generations, facts } = folderInReset({ moved: false });
  const { originalPath, generation } = facts;
  writeFileSync(originalPath, "the notes that are left behind");
  const copy = { name: "copy", atMs: 1, notes: 1 };
  let state: ResetState = { kind: "prompting", facts, copy };
  let arrive: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  let onClosed: () => void = () => undefined;
  const said: string[] = [];
  const ahead = createFetchedAhead({
    paths,
    generations,
    state: () => state,
    session: () => ({ userId: "u", generation }),
    open(_userId, path) {
      const realm = new Realm({ path, schema: [noteSchema] });
      const beside = {
        waitForSubscriptions: async () => undefined,
        waitForDownload: () => arrived,
        subscriptionsComplete: () => true,
        pause: () => undefined,
        close() {
          realm.close();
          onClosed();
        },
      };
      return { kind: "ok", realm: beside } as unknown as OpenResult;
    },
    onChange: () => undefined,
    now: () => 1,
    log: (_level, message) => void said.push(message),
  });
  ahead.poke();
  return {
    ahead,
    facts,
    paths,
    generations,
    arrive,
    said,
    /** Everything has come, and at this very moment the reset goes on. */
    whenComplete(then: () => void) {
      onClosed = then;
    },
    goOn(kind: "restarting" | "resetting") {
      state = { kind, facts, copy };
      ahead.poke();
    },
    isOpened: () =>
      vi.waitFor(() => expect(existsSync(fetchedPathOf(facts))).toBe(true), { timeout: 30_000 }),
  };
}

describe("a fresh copy that is complete in the moment of the restart", () => {
  it("is marked before the process ends, and used by the next one", async () => {
    const story = atThePrompt();
    const { ahead, facts, paths, generations } = story;
    await story.isOpened();
    let markedAtEnd: Promise<boolean> | null = null;
    story.whenComplete(() => {
      story.goOn("restarting");
      setImmediate(() => {
        markedAtEnd = ahead.close().then(() => existsSync(paths.fetchedAhead));
      });
    });
    story.arrive();
    await vi.waitFor(() => expect(markedAtEnd).not.toBeNull(), { timeout: 30_000 });
    expect(await markedAtEnd).toBe(true);
    rmSync(facts.originalPath);
    const moved = { ...facts, moved: true };
    expect(adoptFetched(moved, { paths, generations, now: () => 2, isOpen: false })).toEqual({
      kind: "adopted",
    });
    const adopted = new Realm({ path: facts.originalPath, schema: [noteSchema], readOnly: true });
    expect(adopted.objects("Note").length).toBe(0);
    adopted.close();
  });

  it("is not, once the file that is left behind is on its way out", async () => {
    const story = atThePrompt();
    await story.isOpened();
    story.whenComplete(() => story.goOn("resetting"));
    story.arrive();
    await vi.waitFor(() => expect(story.said).toContain("the fresh copy was not fetched ahead"), {
      timeout: 30_000,
    });
    expect(existsSync(story.paths.fetchedAhead)).toBe(false);
    expect(existsSync(fetchedPathOf(story.facts))).toBe(false);
  });

  it("holds up nobody while it is still on its way, and leaves no marker", async () => {
    const story = atThePrompt();
    await story.isOpened();
    story.goOn("restarting");
    await story.ahead.close();
    expect(existsSync(story.paths.fetchedAhead)).toBe(false);
  });
});
