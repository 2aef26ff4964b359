import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openSettings, readGiven } from "./settings";

const freshFile = () => join(mkdtempSync(join(tmpdir(), "perennial-settings-")), "settings.json");

function open(file: string, given: Partial<Parameters<typeof openSettings>[1]> = {}) {
  const errors: string[] = [];
  const settings = openSettings(file, { strategy: null, resetWay: null, ...given }, (_level, message) =>
    errors.push(message),
  );
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
    const { settings } = open(file, { strategy: "overwrite-backend", resetWay: "immediate" });
    expect(settings.resetWay()).toBe("immediate");
    expect(settings.isResetWayGiven).toBe(true);
    expect(open(file).settings.resetWay()).toBe("restart");
    expect(open(file).settings.isResetWayGiven).toBe(false);
    expect(settings.recoveryStrategy()).toBe("overwrite-backend");
    expect(settings.isStrategyGiven).toBe(true);
    expect(open(file).settings.recoveryStrategy()).toBe("discard");
  });

  it("keep the old choice where the new one cannot be written", () => {
    const { settings } = open(join(freshFile(), "no", "\0"));
    expect(() => settings.chooseStrategy("discard")).toThrow();
    expect(settings.recoveryStrategy()).toBe("merge");
  });

  it("keep the way of the reset that was chosen", () => {
    const file = freshFile();
    open(file).settings.chooseResetWay("immediate");
    expect(open(file).settings.resetWay()).toBe("immediate");
  });

  it("know the names of strategies and ways, and name them where another is given", () => {
    const nothing = { strategy: null, resetWay: null };
    expect(readGiven(undefined, undefined)).toEqual({ kind: "ok", given: nothing });
    expect(readGiven("discard", undefined)).toEqual({
      kind: "ok",
      given: { ...nothing, strategy: "discard" },
    });
    expect(readGiven(undefined, "immediate")).toMatchObject({ given: { resetWay: "immediate" } });
    expect(readGiven("magic", undefined)).toMatchObject({
      kind: "unknown",
      message: expect.stringContaining("track-objects"),
    });
    expect(readGiven(undefined, "magic")).toMatchObject({
      kind: "unknown",
      message: expect.stringContaining("restart, immediate"),
    });
  });
});
