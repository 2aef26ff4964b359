import { join } from "node:path";
import { runPublishedClient } from "../src/cli/stories/published-client";
import { violations } from "./support/accessibility";
import { account, expect, noteOf, test } from "./support/world";

test("a safety copy is made, read in the place of the notes, and left again; before a log-in, too", async ({
  world,
}) => {
  const server = await world.startServer();
  const { running, notes } = await world.openApp({ server: server.url });
  const { page } = notes;
  await notes.signIn(account.email, account.password, true);
  await notes.writeNote("Shopping", "milk");
  await notes.untilSynced();
  const openCopies = async () => {
    await page.keyboard.press("Control+k");
    await page.getByPlaceholder("Go to a note, or type a command").fill("safety copies");
    await page.keyboard.press("Enter");
  };
  await openCopies();
  await expect(page.getByRole("heading", { name: "Safety copies" })).toBeVisible();
  await page.getByRole("button", { name: "Make a copy now" }).click();
  await expect(page.getByRole("list", { name: "Safety copies" }).getByText("2 notes")).toBeVisible();
  expect(await violations(page)).toEqual([]);

  await page.getByRole("button", { name: "Back to the notes" }).click();
  await notes.open("Shopping");
  await notes.text.fill("milk\nbread");
  await notes.untilSynced();
  await openCopies();
  await page.getByRole("button", { name: /^Open read-only/ }).click();
  await expect(page.getByText(/You are reading the safety copy from/).first()).toBeVisible();
  await notes.open("Shopping");
  await expect(notes.text).toHaveValue("milk");
  await expect(notes.text).not.toBeEditable();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Back to your notes" }).click();
  await page.getByRole("button", { name: "Back to the notes" }).click();
  await notes.open("Shopping");
  await expect(notes.text).toHaveValue("milk\nbread");

  await running.close();
  const signedOut = await world.openApp({ server: server.url });
  const again = signedOut.notes;
  await again.untilSynced();
  await again.page.keyboard.press("Control+k");
  await again.page.getByPlaceholder("Go to a note, or type a command").fill("sign out");
  await again.page.keyboard.press("Enter");
  await again.page.getByRole("alertdialog").getByRole("button", { name: "Sign out" }).click();
  await again.page.getByRole("button", { name: "Safety copies on this computer" }).click();
  await again.page.getByRole("button", { name: /^Open read-only/ }).click();
  await again.open("Shopping");
  await expect(again.text).toHaveValue("milk");
});

test("a note that vanishes without a reset comes back by itself, and the window says so", async ({
  world,
}) => {
  const server = await world.startServer();
  const { notes } = await world.openApp({ server: server.url });
  await notes.signIn(account.email, account.password, true);
  await notes.writeNote("Fragile", "words");
  await notes.untilSynced();
  const phone = await world.openPhone(server);
  const { id } = await noteOf(phone, "Fragile");
  await phone.close();
  await runPublishedClient(
    join(world.folder, "outside"),
    server.url,
    account,
    `realm.delete(realm.objectForPrimaryKey("Note", uuid("${id}")));`,
  );
  await expect(
    notes.page.getByText("1 note had vanished from the server and was put back.").first(),
  ).toBeVisible();
  await expect(notes.row("Fragile")).toBeVisible();
  await notes.page.getByRole("button", { name: "Report", exact: true }).click();
  await expect(notes.page.getByRole("heading", { name: "Your notes are back" })).toBeVisible();
  await expect(notes.page.getByText(/although nobody deleted/).first()).toBeVisible();
  expect(await violations(notes.page)).toEqual([]);
  await notes.page.getByRole("button", { name: "Remove again Fragile" }).click();
  await expect(notes.row("Fragile")).toBeHidden();
});
