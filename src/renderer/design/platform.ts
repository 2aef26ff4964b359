// What differs between the systems the window runs on: the command key and the order of a dialog's buttons.

export type Platform = "mac" | "windows" | "linux";

export function platformOf(navigatorPlatform: string): Platform {
  if (navigatorPlatform.startsWith("Mac")) return "mac";
  return navigatorPlatform.startsWith("Win") ? "windows" : "linux";
}

/** In tests that run without a window the platform is Linux. */
export const platform: Platform = platformOf(
  typeof navigator === "undefined" ? "" : (navigator.platform ?? ""),
);

/** Windows puts the main button first, macOS and GNOME put it last. */
export function inButtonOrder<T>(mainFirst: readonly T[], on: Platform): readonly T[] {
  return on === "windows" ? mainFirst : [...mainFirst].reverse();
}
