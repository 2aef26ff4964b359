import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ResetFacts } from "../../shared/reset-machine";
import type { FileGenerations } from "../realm/file-generation";
import { plainSealing } from "../sealed-file";
import { adoptFetched, fetchedPathOf, isFetchedPath, markFetched, removeFetched } from "./fetched-file";
import { folderInReset } from "./testing/fetched-folder";

type World = {
  readonly facts: ResetFacts;
  readonly user: string;
  readonly generations: FileGenerations;
  readonly paths: { fetchedAhead: string; recoveredRealms: string; sealing: typeof plainSealing };
};

const completeAtMs = 1_000_000;
const hourMs = 60 * 60 * 1_000;

/** A fresh copy that is complete, with what Realm leaves beside it, and nothing in the notes' place. */
function world(): World {
  const { user, paths, generations, facts } = folderInReset({ moved: true });
  const path = fetchedPathOf(facts);
  writeFileSync(path, "the fresh copy");
  writeFileSync(`${path}.lock`, "");
  mkdirSync(`${path}.management`);
  markFetched(facts, completeAtMs, paths);
  return { facts, user, generations, paths };
}

function adopt(
  { generations, paths }: World,
  facts: ResetFacts,
  more: { atMs?: number; isOpen?: boolean } = {},
) {
  const { atMs = completeAtMs + hourMs, isOpen = false } = more;
  return adoptFetched(facts, { paths, generations, now: () => atMs, isOpen });
}

describe("a fresh copy that was fetched ahead", () => {
  it("goes into the notes' place with a generation of its own, and leaves nothing behind", () => {
    const story = world();
    const { facts, user, generations, paths } = story;
    expect(adopt(story, facts)).toEqual({ kind: "adopted" });
    expect(readFileSync(facts.originalPath, "utf8")).toBe("the fresh copy");
    expect(readdirSync(user)).toEqual(["notes.realm"]);
    expect(existsSync(paths.fetchedAhead)).toBe(false);
    expect(generations.of("u")?.generation).not.toBe(facts.generation);
  });

  it("has that generation before it has the place, so that whatever ends it there, none is adopted after it", () => {
    const story = world();
    const { facts, generations } = story;
    mkdirSync(join(facts.originalPath, "in the way"), { recursive: true });
    expect(() => adopt(story, facts)).toThrow();
    expect(generations.of("u")?.generation).not.toBe(facts.generation);
    expect(adopt(story, facts)).toEqual({ kind: "not-used", why: "a fresh copy has been opened before" });
  });

  it.each([
    ["it is of another reset", ({ facts }: World) => ({ facts: { ...facts, resetId: "r2" } })],
    ["it is of another reset", ({ facts }: World) => ({ facts: { ...facts, generation: "g2" } })],
    ["it is too old", () => ({ atMs: completeAtMs + 25 * hourMs })],
    ["it is too old", () => ({ atMs: completeAtMs - 1 })],
    ["it may still be open", () => ({ isOpen: true })],
    [
      "it was changed since",
      ({ facts }: World) => {
        truncateSync(fetchedPathOf(facts), 3);
        return {};
      },
    ],
    [
      "there is none that is complete",
      ({ paths }: World) => {
        writeFileSync(paths.fetchedAhead, "{}");
        return {};
      },
    ],
    [
      "it is of another key",
      ({ paths }: World) => {
        paths.sealing = { ...plainSealing, keyId: "k" };
        return {};
      },
    ],
  ] as const)("is removed, and not used, where %s", (why, change) => {
    const story = world();
    const { facts = story.facts, ...more } = change(story) as {
      facts?: ResetFacts;
      atMs?: number;
      isOpen?: boolean;
    };
    const { generation } = story.facts;
    expect(adopt(story, facts, more)).toEqual({ kind: "not-used", why });
    expect(readdirSync(story.user)).toEqual([]);
    expect(existsSync(story.paths.fetchedAhead)).toBe(false);
    expect(story.generations.of("u")?.generation).toBe(generation);
  });

  it("is known by its name, which is never that of the notes or of a file that Realm has moved", () => {
    const { facts } = world();
    expect(isFetchedPath(fetchedPathOf(facts))).toBe(true);
    expect(isFetchedPath("/data/u/flx_sync_default.realm")).toBe(false);
    expect(isFetchedPath("/data/recovered-realms/recovered_realm-20261126-101010-XXabcdef")).toBe(false);
  });

  it("goes alone: whatever else is in the folder stays", () => {
    const { facts, user, paths } = world();
    writeFileSync(facts.originalPath, "the notes");
    expect(removeFetched(user, paths.fetchedAhead)).toBe(true);
    expect(readdirSync(user)).toEqual(["notes.realm"]);
    expect(removeFetched(user, paths.fetchedAhead)).toBe(false);
  });
});
