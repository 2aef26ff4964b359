import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { violations } from "./support/accessibility";
import { endInsteadOfRelaunch } from "./support/launch";
import { account, expect, test } from "./support/world";

test("the third reset of a day waits for a person, with every note to be read and exported, and goes on when asked to", async ({
  world,
}) => {
  const server = await world.startServer();
  let { running, notes } = await world.openApp({ server: server.url });
  await notes.signIn(account.email, account.password, true);
  await notes.writeNote("Shopping", "milk");
  await notes.untilSynced();
  const backup = join(world.folder, "backup");
  await server.operate("backup", backup);
  for (const round of ["First", "Second"]) {
    await notes.writeNote(round, "written after the backup");
    await notes.untilSynced();
    await server.operate("restore", backup);
    await expect(notes.prompt).toBeVisible();
    await endInsteadOfRelaunch(running);
    await notes.restartAndRecover();
    await running.ended;
    ({ running, notes } = await world.openApp({ server: server.url }));
    await expect(notes.page.getByText(/Your notes are back/).first()).toBeVisible();
    await notes.untilSynced();
  }
  await notes.writeNote("Third", "written after the backup");
  await notes.untilSynced();
  await server.operate("restore", backup);

  const { page } = notes;
  const stopped = page.getByRole("alertdialog", { name: "Recovery is waiting for you." });
  await expect(stopped).toContainText("three times in a day");
  // What was said of the recovery before would contradict it.
  expect(await page.getByText(/Your notes are back/).count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  await stopped.getByRole("button", { name: "Open notes read-only" }).click();
  await expect(notes.tree).toBeFocused();
  for (const title of ["Shopping", "First", "Second", "Third"]) await notes.open(title);
  await expect(notes.text).not.toBeEditable();
  expect(await violations(page)).toEqual([]);

  await page.getByRole("button", { name: "What can I do?" }).click();
  const folder = join(world.folder, "export");
  await running.app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] });
  }, folder);
  await stopped.getByRole("button", { name: "Export as Markdown…" }).click();
  await expect.poll(() => readdir(folder).catch(() => [])).toContain("Third.md");

  await endInsteadOfRelaunch(running);
  await stopped.getByRole("button", { name: "Try again" }).click();
  await running.ended;
  const again = await world.openApp({ server: server.url });
  await expect(again.notes.page.getByText(/Your notes are back/).first()).toBeVisible();
  for (const title of ["Shopping", "First", "Second", "Third"]) await again.notes.open(title);
  await again.notes.untilSynced();
});
