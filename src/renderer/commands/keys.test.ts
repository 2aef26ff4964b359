import { describe, expect, it } from "vitest";
import { acceleratorOf, chordOf, chordWords, commandFor, type KeyBinding, type KeyPress } from "./keys";

function press(key: string, changes: Partial<KeyPress> = {}): KeyPress {
  return { key, code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...changes };
}

describe("chordOf", () => {
  it("takes Ctrl for the command key, and Command on a Mac", () => {
    expect(chordOf(press("n", { code: "KeyN", ctrlKey: true }), "linux")).toBe("Mod+N");
    expect(chordOf(press("n", { code: "KeyN", metaKey: true }), "mac")).toBe("Mod+N");
    expect(chordOf(press("n", { code: "KeyN", ctrlKey: true }), "mac")).toBe("Other+N");
  });

  it("writes the parts in one order, whatever was pressed first", () => {
    expect(chordOf(press("ArrowUp", { shiftKey: true, ctrlKey: true }), "linux")).toBe("Mod+Shift+Up");
    expect(chordOf(press("ArrowRight", { shiftKey: true, altKey: true }), "linux")).toBe("Alt+Shift+Right");
  });

  it("goes by the physical key where a modifier changes the letter", () => {
    expect(chordOf(press("Dead", { code: "KeyN", metaKey: true, altKey: true }), "mac")).toBe("Mod+Alt+N");
  });

  it("is nothing for a modifier alone", () => {
    expect(chordOf(press("Shift", { shiftKey: true }), "linux")).toBeNull();
  });
});

describe("commandFor", () => {
  const command = (id: string, ...keys: KeyBinding[]) => ({ id, keys });
  const commands = [
    command("undo", { chord: "Mod+Z", where: "not-in-text" }),
    command("trash", { chord: "Delete", where: "tree" }),
    command("new", { chord: "Mod+N", where: "everywhere" }),
  ];
  const found = (chord: string, place: Parameters<typeof commandFor>[2]) =>
    commandFor(commands, chord, place)?.id ?? null;

  it("leaves undo to the text being typed, and takes it elsewhere", () => {
    expect([found("Mod+Z", "text"), found("Mod+Z", "tree"), found("Mod+Z", "elsewhere")]).toEqual([
      null,
      "undo",
      "undo",
    ]);
  });

  it("moves to the trash only from the tree", () => {
    expect([found("Delete", "tree"), found("Delete", "text"), found("Delete", "elsewhere")]).toEqual([
      "trash",
      null,
      null,
    ]);
  });

  it("leaves every key to an open dialog", () => {
    expect(found("Mod+N", "dialog")).toBeNull();
    expect(found("Mod+N", "text")).toBe("new");
  });
});

describe("the way a chord is written", () => {
  it("follows the system", () => {
    expect(chordWords("Mod+Shift+N", "linux")).toBe("Ctrl+Shift+N");
    expect(chordWords("Mod+Shift+N", "mac")).toBe("⌘⇧N");
    expect(acceleratorOf("Mod+Shift+Up")).toBe("CmdOrCtrl+Shift+Up");
  });
});
