import { join } from "node:path";
import { violations } from "./support/accessibility";
import { endInsteadOfRelaunch } from "./support/launch";
import { account, expect, test } from "./support/world";

test("without a network the notes are read and written during a recovery", async ({ world }) => {
  const server = await world.startServer();
  const { running, notes } = await world.openApp({ server: server.url });
  await notes.signIn(account.email, account.password, true);
  await notes.writeNote("Shopping", "milk");
  await notes.untilSynced();
  const backup = join(world.folder, "backup");
  await server.operate("backup", backup);
  await notes.writeNote("Journey", "tickets");
  await notes.untilSynced();
  await server.operate("restore", backup);
  await expect(notes.prompt).toBeVisible();
  await server.stop();
  await endInsteadOfRelaunch(running);
  await notes.restartAndRecover();
  await running.ended;

  const again = await world.openApp({ server: server.url });
  await expect(again.notes.page.getByText("You can keep writing").first()).toBeVisible();
  await expect(again.notes.syncStatus).toContainText("Offline · saved on this computer");
  await again.notes.open("Journey");
  await again.notes.text.press("Control+End");
  await again.notes.text.pressSequentially(", written without a network");
  await again.notes.writeNote("Ideas", "made without a network");
  expect(await violations(again.notes.page)).toEqual([]);
  await again.notes.page.screenshot({ path: test.info().outputPath("writing-meanwhile.png") });
});

test("signing out with work that is not synced has three ways, and the copy is one", async ({ world }) => {
  const server = await world.startServer();
  const { notes } = await world.openApp({ server: server.url });
  await notes.signIn(account.email, account.password, true);
  await notes.writeNote("Shopping", "milk");
  await notes.untilSynced();
  await notes.workOffline(true);
  await notes.writeNote("Ideas", "never uploaded");
  await expect(notes.syncStatus).toContainText("(1)");
  await notes.page.getByRole("contentinfo").getByRole("button").first().click();
  await notes.page.getByRole("button", { name: "Sign out…" }).click();
  const dialog = notes.page.getByRole("alertdialog", { name: "Sign out of Perennial?" });
  await expect(dialog).toContainText("1 change has not been synced yet.");
  await expect(dialog.getByRole("button")).toHaveText([
    /Sync, then sign out|Cancel|Keep a safety copy and sign out/,
    /Sync, then sign out|Cancel|Keep a safety copy and sign out/,
    /Sync, then sign out|Cancel|Keep a safety copy and sign out/,
  ]);
  expect(await violations(notes.page)).toEqual([]);
  await notes.page.screenshot({ path: test.info().outputPath("signing-out.png") });
  await dialog.getByRole("button", { name: "Keep a safety copy and sign out" }).click();
  await expect(notes.page.getByRole("button", { name: "Sign in", exact: true })).toBeVisible();
  await notes.signIn(account.email, account.password, false);
  await notes.open("Ideas");
  await expect(notes.text).toHaveValue(/never uploaded/);
  await notes.untilSynced();
});
