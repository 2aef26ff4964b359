/** `nativeTheme`: the app's choice between light and dark, told to every page as prefers-color-scheme. */
import { ignoreGone } from "./cdp";
import { ElectronEmitter } from "./not-implemented";
import type { PageTarget } from "./page-target";

type ThemeSource = "system" | "light" | "dark";

class NativeTheme extends ElectronEmitter {
  readonly shouldUseHighContrastColors = false;
  readonly shouldUseInvertedColorScheme = false;
  readonly inForcedColorsMode = false;
  readonly prefersReducedTransparency = false;
  private source: ThemeSource = "system";
  private readonly pages = new Set<PageTarget>();

  protected override knownEvents(): ReadonlySet<string> {
    return new Set(["updated"]);
  }

  get themeSource(): ThemeSource {
    return this.source;
  }

  set themeSource(source: ThemeSource) {
    if (!["system", "light", "dark"].includes(source)) throw new TypeError(`Not a theme source: ${source}`);
    if (source === this.source) return;
    this.source = source;
    for (const page of this.pages) this.tell(page);
    setImmediate(() => this.emit("updated"));
  }

  /** The system's own wish is not known here and taken as light. */
  get shouldUseDarkColors(): boolean {
    return this.source === "dark";
  }

  /** For the stand-in itself: keeps a page told until it is gone. */
  follow(page: PageTarget): void {
    this.pages.add(page);
    page.once("gone", () => this.pages.delete(page));
    if (this.source !== "system") this.tell(page);
  }

  private tell(page: PageTarget): void {
    const value = this.source === "system" ? "" : this.source;
    page
      .send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] })
      .catch(ignoreGone);
  }
}

export const nativeTheme = new NativeTheme();
