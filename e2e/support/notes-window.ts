// What a person sees and does in the window, by roles and names.

import { expect, type Locator, type Page } from "@playwright/test";

export class NotesWindow {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get tree(): Locator {
    return this.page.getByRole("tree").first();
  }

  row(title: string): Locator {
    return this.page.getByRole("treeitem", { name: title, exact: true });
  }

  get title(): Locator {
    return this.page.getByRole("textbox", { name: "Title" });
  }

  get text(): Locator {
    return this.page.getByRole("textbox", { name: "Text" });
  }

  get syncStatus(): Locator {
    return this.page.getByRole("contentinfo");
  }

  get prompt(): Locator {
    return this.page.getByRole("alertdialog", { name: "Perennial needs to restart to keep syncing" });
  }

  /** The button takes no answer in the first half second, so that a typist confirms nothing by accident. */
  async restartAndRecover(): Promise<void> {
    const button = this.page.getByRole("button", { name: "Restart and recover" }).first();
    await expect(async () => {
      await button.click({ timeout: 1_000 }).catch(() => undefined);
      expect(await button.isVisible().catch(() => false)).toBe(false);
    }).toPass();
  }

  /** What is typed is sent a moment later, and 'Synced' stays until syncing has lasted a second: neither is enough. */
  async untilSynced(): Promise<void> {
    await this.page.evaluate(() => window.dispatchEvent(new Event("blur")));
    await expect
      .poll(() =>
        this.page.evaluate(async () => {
          const state = await window.perennial.invoke("app:state", undefined);
          return state.kind === "ok" ? state.value.sync.kind : state.message;
        }),
      )
      .toBe("synced");
    await expect(this.syncStatus).toContainText(/^✓?\s*Synced/);
  }

  async signIn(email: string, password: string, create: boolean): Promise<void> {
    if (create) await this.page.getByText("Create account", { exact: true }).first().click();
    await this.page.getByLabel("E-mail").fill(email);
    await this.page.getByLabel("Password").fill(password);
    await this.page.getByRole("button", { name: create ? "Create account" : "Sign in", exact: true }).click();
    await expect(this.page.getByRole("button", { name: "New note" }).first()).toBeVisible();
  }

  async writeNote(title: string, text: string): Promise<void> {
    await this.page.getByRole("button", { name: "New note" }).first().click();
    await expect(this.title).toHaveValue("");
    await this.title.fill(title);
    await this.text.fill(text);
    await expect(this.row(title)).toBeVisible();
  }

  async open(title: string): Promise<void> {
    await this.row(title).click();
    await expect(this.title).toHaveValue(title);
  }

  async workOffline(offline: boolean): Promise<void> {
    await this.syncStatus.getByRole("button").first().click();
    const toggle = this.page.getByRole("switch", { name: "Work offline" });
    if ((await toggle.getAttribute("aria-checked")) !== String(offline)) await toggle.click();
    await this.page.keyboard.press("Escape");
  }
}
