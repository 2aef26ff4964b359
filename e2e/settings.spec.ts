import { violations } from "./support/accessibility";
import { expect, test, type World } from "./support/world";

/** A new folder without an account, with the settings open. */
async function startAtSettings(world: World) {
  const server = await world.startServer();
  const { running, notes } = await world.openApp({ server: server.url });
  const { page } = notes;
  await page.getByRole("button", { name: "Start without an account" }).click();
  await expect(page.getByRole("heading", { name: "Your first note" })).toBeVisible();

  await page.keyboard.press("Control+,");
  return { server, running, page };
}

test("how notes are put back is chosen with the keyboard, and is still chosen at the next start", async ({
  world,
}) => {
  const { server, running, page } = await startAtSettings(world);
  const dialog = page.getByRole("dialog", { name: "Settings" });
  const group = dialog.getByRole("group", { name: "How your changes are put back" });
  await expect(group.getByRole("radio")).toHaveCount(6);
  const usual = group.getByRole("radio", { name: /Combine both sides/ });
  await expect(usual).toBeChecked();
  expect(await violations(page)).toEqual([]);

  await usual.focus();
  await page.keyboard.press("ArrowUp");
  await expect(group.getByRole("radio", { name: "Take the server's notes" })).toBeChecked();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await running.close();

  const again = await world.openApp({ server: server.url });
  await again.notes.untilSynced();
  await again.notes.page.keyboard.press("Control+,");
  await expect(again.notes.page.getByRole("radio", { name: "Take the server's notes" })).toBeChecked();
});

test("light or dark is chosen in the settings, with every button in reach of the pointer, and kept", async ({
  world,
}) => {
  const { server, running, page } = await startAtSettings(world);
  const theme = page.getByRole("group", { name: "Appearance" });
  await expect(theme.getByRole("radio", { name: "As the system" })).toBeChecked();
  await theme.getByRole("radio", { name: "Dark" }).check();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Escape");

  // A message that is still there lies on no button of a dialog, in a small window either.
  await page.setViewportSize({ width: 700, height: 500 });
  await page.getByRole("button", { name: "New note" }).first().click();
  await page.getByRole("treeitem", { name: "Untitled" }).click();
  await page.getByRole("tree").press("Delete");
  const message = page.locator(".toast");
  await expect(message).toContainText("to trash");
  await page.keyboard.press("Control+,");
  const close = page.getByRole("dialog", { name: "Settings" }).getByRole("button", { name: "Close" });
  const [toast, button] = [await message.boundingBox(), await close.boundingBox()];
  expect((button?.y ?? 0) + (button?.height ?? 0)).toBeLessThanOrEqual(toast?.y ?? 0);
  await running.close();

  const again = await world.openApp({ server: server.url });
  await expect(again.notes.page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("whether Perennial restarts and whether the plan is shown first are chosen with the keyboard, and kept", async ({
  world,
}) => {
  const { server, running, page } = await startAtSettings(world);
  const group = page.getByRole("group", { name: "When Perennial has to get a fresh copy" });
  const restart = group.getByRole("radio", { name: /Restart Perennial/ });
  const without = group.getByRole("radio", { name: /without a restart/ });
  const showFirst = page.getByRole("checkbox", { name: /before anything is written/ });
  await expect(restart).toBeChecked();
  await expect(showFirst).not.toBeChecked();
  expect(await violations(page)).toEqual([]);
  // Tab goes from group to group and on to the box; arrows choose within a group.
  await page.getByRole("radio", { name: /Combine both sides/ }).focus();
  await page.keyboard.press("Tab");
  await expect(restart).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(without).toBeChecked();
  await page.keyboard.press("Tab");
  await expect(showFirst).toBeFocused();
  await page.keyboard.press("Space");
  await expect(showFirst).toBeChecked();
  await page.keyboard.press("Escape");
  await running.close();

  const again = await world.openApp({ server: server.url });
  await again.notes.untilSynced();
  await again.notes.page.keyboard.press("Control+,");
  await expect(again.notes.page.getByRole("radio", { name: /without a restart/ })).toBeChecked();
  await expect(again.notes.page.getByRole("checkbox", { name: /before anything is written/ })).toBeChecked();
});
