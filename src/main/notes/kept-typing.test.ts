import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { NoteId } from "../../shared/note";
import { createSealing, plainSealing } from "../sealed-file";
import { keepTyping, readKeptTyping } from "./kept-typing";

const typed = [{ id: "00000000-0000-4000-8000-000000000001" as NoteId, base: "milk", text: "milk, bread" }];

function folder(sealing = plainSealing) {
  const typing = mkdtempSync(join(tmpdir(), "perennial-typing-"));
  onTestFinished(() => rmSync(typing, { recursive: true, force: true }));
  return { typing, sealing };
}

describe("what is typed and not answered yet", () => {
  it("is kept for who typed it, in the place of what was kept before, until all is answered", () => {
    const paths = folder();
    expect(readKeptTyping(paths, "one")).toEqual([]);
    keepTyping(paths, "one", typed);
    const more = [{ ...typed[0]!, text: "milk, bread, salt" }];
    keepTyping(paths, "one", more);
    expect(readKeptTyping(paths, "one")).toEqual(more);
    expect(readKeptTyping(paths, "two")).toEqual([]);
    keepTyping(paths, "one", []);
    keepTyping(paths, "one", []);
    expect(readdirSync(paths.typing)).toEqual([]);
  });

  it("is sealed where the folder is encrypted", () => {
    const paths = folder(createSealing(randomBytes(64)));
    keepTyping(paths, "one", typed);
    expect(readFileSync(join(paths.typing, "one.json"), "utf8")).not.toContain("bread");
    expect(readKeptTyping(paths, "one")).toEqual(typed);
    expect(readKeptTyping({ ...paths, sealing: plainSealing }, "one")).toEqual([]);
  });

  it("is nothing where its file makes no sense", () => {
    const paths = folder();
    for (const content of ["", "{", "{}", "[7, null]", '[{"id":"x","base":"","text":""}]']) {
      writeFileSync(join(paths.typing, "one.json"), content);
      expect(readKeptTyping(paths, "one")).toEqual([]);
    }
  });
});
