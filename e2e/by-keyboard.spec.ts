import type { Page } from "@playwright/test";
import { violations } from "./support/accessibility";
import { endInsteadOfRelaunch } from "./support/launch";
import { account, editOn, expect, recoverPhone, test, untilPhoneHas } from "./support/world";

/** Tab until this has the focus, as somebody does who has no mouse. */
async function tabTo(page: Page, name: string): Promise<void> {
  const focused = page.locator(":focus");
  await expect(async () => {
    await page.keyboard.press("Tab");
    expect(
      await focused.evaluate((element) => element.getAttribute("aria-label") ?? element.textContent?.trim()),
    ).toBe(name);
  }).toPass({ intervals: [0] });
}

test("a reset is gone through by the keyboard alone and in the dark: prompt, restart, report, comparing, settling", async ({
  world,
}) => {
  const server = await world.startServer();
  const dark = { server: server.url, colorScheme: "dark" } as const;
  const { running, notes } = await world.openApp(dark);
  await notes.signIn(account.email, account.password, true);
  await notes.writeNote("Shopping", "milk");
  await notes.untilSynced();
  const phone = await world.openPhone(server);
  await untilPhoneHas(phone, "Shopping", "milk");
  await notes.workOffline(true);
  await notes.text.fill("milk from the desk");
  await expect(notes.syncStatus).toContainText("(1)");
  await editOn(phone, "Shopping", (text) => text.replace("milk", "milk from the phone"));
  await phone.until("synced", ({ sync }) => sync.kind === "synced");
  await server.operate("terminate");
  await server.operate("enable");
  await recoverPhone(phone);
  await endInsteadOfRelaunch(running);
  await notes.workOffline(false);

  await expect(notes.prompt).toBeVisible();
  await expect(notes.prompt).toHaveAccessibleDescription(/Everything on this computer is saved/);
  await expect(notes.prompt.getByRole("button", { name: "Restart and recover" })).toBeFocused();
  await tabTo(notes.page, "What is happening?");
  const facts = notes.prompt.getByText("Safety copy", { exact: true });
  // No key is taken in the first half second, so that a typist answers nothing by accident.
  await expect(async () => {
    await notes.page.keyboard.press("Enter");
    await expect(facts).toBeVisible({ timeout: 300 });
  }).toPass();
  expect(await violations(notes.page)).toEqual([]);
  await tabTo(notes.page, "Restart and recover");
  await notes.page.keyboard.press("Enter");
  await running.ended;

  const { page } = (await world.openApp(dark)).notes;
  const heading = page.getByRole("heading", { name: "Your notes are back" });
  await expect(heading).toBeFocused();
  expect(await violations(page)).toEqual([]);
  await tabTo(page, "Compare Shopping");
  await page.keyboard.press("Enter");
  const compare = page.getByRole("dialog", { name: "Compare Shopping" });
  await expect(compare.getByRole("button", { name: "Close" })).toBeFocused();
  await expect(compare.getByRole("region", { name: "On this computer" })).toContainText("milk from the desk");
  expect(await violations(page)).toEqual([]);
  await tabTo(page, "Keep mine");
  await page.keyboard.press("Enter");
  await expect(compare).toBeHidden();
  await expect(page.getByText("You chose: Keep mine")).toBeVisible();
  await untilPhoneHas(phone, "Shopping", "milk from the desk");

  await tabTo(page, "Undo this recovery…");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alertdialog", { name: "Undo this recovery?" })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Undo this recovery…" })).toBeFocused();
  await page.keyboard.press("Control+,");
  await expect(page.getByRole("dialog", { name: "Settings" })).toBeVisible();
  expect(await violations(page)).toEqual([]);
});
