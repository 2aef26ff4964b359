import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openSettings, readGivenStrategy } from "./settings";

const freshFile = () => join(mkdtempSync(join(tmpdir(), "perennial-settings-")), "settings.json");

function open(file: string, given: Parameters<typeof openSettings>[1] = null) {
  const errors: string[] = [];
  const settings = openSettings(file, given, (_level, message) => errors.push(message));
  return { settings, errors };
}

describe("the settings", () => {
  it("are the usual ones where nobody has chosen, without a complaint", () => {
    const { settings, errors } = open(freshFile());
    expect(settings.recoveryStrategy()).toBe("merge");
    expect(errors).toEqual([]);
  });

  it("are there again after a choice, at once and at the next start", () => {
    const file = freshFile();
    const { settings } = open(file);
    settings.chooseStrategy("track-fields");
    expect(settings.recoveryStrategy()).toBe("track-fields");
    expect(open(file).settings.recoveryStrategy()).toBe("track-fields");
  });

  it.each(["not json", '{"recoveryStrategy":"magic"}', "[]"])(
    "say so where the file is %s, and leave it",
    (text) => {
      const file = freshFile();
      writeFileSync(file, text);
      const { settings, errors } = open(file);
      expect(settings.recoveryStrategy()).toBe("merge");
      expect(errors).toHaveLength(1);
      expect(readFileSync(file, "utf8")).toBe(text);
    },
  );

  it("give way to the command line, which is not written down", () => {
    const file = freshFile();
    open(file).settings.chooseStrategy("discard");
    const { settings } = open(file, "overwrite-backend");
    expect(settings.recoveryStrategy()).toBe("overwrite-backend");
    expect(settings.isStrategyGiven).toBe(true);
    expect(open(file).settings.recoveryStrategy()).toBe("discard");
  });

  it("keep the old choice where the new one cannot be written", () => {
    const { settings } = open(join(freshFile(), "no", "\0"));
    expect(() => settings.chooseStrategy("discard")).toThrow();
    expect(settings.recoveryStrategy()).toBe("merge");
  });

  it("know the names of the strategies, and name them where another is given", () => {
    expect(readGivenStrategy(undefined)).toEqual({ kind: "ok", strategy: null });
    expect(readGivenStrategy("discard")).toEqual({ kind: "ok", strategy: "discard" });
    const unknown = readGivenStrategy("magic");
    expect(unknown).toMatchObject({ kind: "unknown" });
    expect(JSON.stringify(unknown)).toContain("track-objects");
  });
});
