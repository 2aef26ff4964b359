// Key presses as chords (`Mod+Shift+N`), where they count, and how each system writes them. Pure.

import type { Platform } from "../design/platform";

/** What of a keyboard event makes a chord. */
export type KeyPress = {
  readonly key: string;
  /** Shift and Alt change `key` on many layouts; for letters and digits the physical key tells them apart. */
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
};

/** Where the focus is. A dialog keeps every key to itself. */
export type KeyPlace = "tree" | "text" | "elsewhere" | "dialog";

export type KeyBinding = {
  readonly chord: string;
  /** `everywhere` but in dialogs; `tree` only on the tree; `not-in-text` leaves the chord to text fields. */
  readonly where: "everywhere" | "tree" | "not-in-text";
};

const spoken: Readonly<Record<string, string>> = {
  ArrowUp: "Up",
  ArrowDown: "Down",
  ArrowLeft: "Left",
  ArrowRight: "Right",
  Escape: "Esc",
  " ": "Space",
};

/** The chord in one canonical order, or null for a modifier alone. */
export function chordOf(press: KeyPress, platform: Platform): string | null {
  if (["Control", "Meta", "Alt", "Shift", "AltGraph"].includes(press.key)) return null;
  const mod = platform === "mac" ? press.metaKey : press.ctrlKey;
  const other = platform === "mac" ? press.ctrlKey : press.metaKey;
  const base = /^(?:Key([A-Z])|Digit(\d))$/.exec(press.code);
  const key =
    (mod || press.altKey) && base !== null
      ? (base[1] ?? base[2] ?? "")
      : (spoken[press.key] ?? upper(press.key));
  return [mod && "Mod", other && "Other", press.altKey && "Alt", press.shiftKey && "Shift", key]
    .filter((part) => part !== false)
    .join("+");
}

function upper(key: string): string {
  return key.length === 1 ? key.toUpperCase() : key;
}

export function countsIn({ where }: KeyBinding, place: KeyPlace): boolean {
  if (place === "dialog") return false;
  if (where === "tree") return place === "tree";
  return where === "everywhere" || place !== "text";
}

/** The first command whose binding fits, or null. */
export function commandFor<C extends { readonly keys: readonly KeyBinding[] }>(
  commands: readonly C[],
  chord: string,
  place: KeyPlace,
): C | null {
  return (
    commands.find((command) =>
      command.keys.some((binding) => binding.chord === chord && countsIn(binding, place)),
    ) ?? null
  );
}

const macSigns: Readonly<Record<string, string>> = {
  Mod: "⌘",
  Alt: "⌥",
  Shift: "⇧",
  Up: "↑",
  Down: "↓",
  Left: "←",
  Right: "→",
  Enter: "↩",
  Delete: "⌫",
};
const plainSigns: Readonly<Record<string, string>> = {
  Mod: "Ctrl",
  Up: "↑",
  Down: "↓",
  Left: "←",
  Right: "→",
};

/** `⌘⇧N` on a Mac, `Ctrl+Shift+N` elsewhere. */
export function chordWords(chord: string, platform: Platform): string {
  const parts = chord.split("+");
  if (platform !== "mac") return parts.map((part) => plainSigns[part] ?? part).join("+");
  return parts.map((part) => macSigns[part] ?? part).join("");
}

/** In Electron's notation for menus. */
export function acceleratorOf(chord: string): string {
  return chord.replace("Mod", "CmdOrCtrl").replace("Esc", "Escape");
}
