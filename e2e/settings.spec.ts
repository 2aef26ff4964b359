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
