import { readdir, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { startHeadlessClient } from "../src/cli/scenario/headless-client";
import { untilSynced } from "../src/cli/scenario/waits";
import { runPublishedClient } from "../src/cli/stories/published-client";
import { violations } from "./support/accessibility";
import { account, expect, noteOf, program, test } from "./support/world";

const dayMs = 24 * 60 * 60 * 1_000;

async function openCopies(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Go to a note, or type a command").fill("safety copies");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Safety copies" })).toBeVisible();
}

test("a safety copy is made, read in the place of the notes, and left again; before a log-in, too", async ({
  world,
}) => {
  const server = await world.startServer();
  const { running, notes } = await world.openApp({ server: server.url });
  const { page } = notes;
  await notes.signIn(account.email, account.password, true);
  await notes.writeNote("Shopping", "milk");
  await notes.untilSynced();
  await openCopies(page);
  await page.getByRole("button", { name: "Make a copy now" }).click();
  await expect(page.getByRole("list", { name: "Safety copies" }).getByText("2 notes")).toBeVisible();
  expect(await violations(page)).toEqual([]);

  await page.getByRole("button", { name: "Back to the notes" }).click();
  await notes.open("Shopping");
  await notes.text.fill("milk\nbread");
  await notes.untilSynced();
  await openCopies(page);
  await page.getByRole("button", { name: /^Open read-only/ }).click();
  await expect(page.getByText(/You are reading the safety copy from/).first()).toBeVisible();
  await notes.open("Shopping");
  await expect(notes.text).toHaveValue("milk");
  await expect(notes.text).not.toBeEditable();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Back to your notes" }).click();
  await page.getByRole("button", { name: "Back to the notes" }).click();
  // Where one was before, without going there again.
  await expect(notes.title).toHaveValue("Shopping");
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

test("a copy of a sign-out says why it is kept, until what is in it is synced, and is deleted by hand", async ({
  world,
}) => {
  const server = await world.startServer();
  const { notes } = await world.openApp({ server: server.url });
  const { page } = notes;
  await notes.signIn(account.email, account.password, true);
  await notes.writeNote("Shopping", "milk");
  await notes.untilSynced();
  await notes.workOffline(true);
  await notes.text.fill("milk\nbread");
  await expect(notes.syncStatus).toContainText("(1)");
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Go to a note, or type a command").fill("sign out");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Keep a safety copy and sign out" }).click();
  await page.getByRole("button", { name: "Safety copies on this computer" }).click();
  const list = page.getByRole("list", { name: "Safety copies" });
  await expect(list).toContainText("Kept because some of it was not synced at the sign-out.");
  await page.getByRole("button", { name: /^Delete…/ }).click();
  const question = page.getByRole("alertdialog", { name: /^Delete the safety copy of/ });
  await expect(question).toContainText("Some of its changes may be nowhere else");
  expect(await violations(page)).toEqual([]);
  await question.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: /^Back/ }).click();

  await notes.signIn(account.email, account.password, false);
  await notes.untilSynced();
  await openCopies(page);
  await expect(list).toContainText(/Kept until \d.*, and never fewer than the last three\./);
  await page.getByRole("button", { name: /^Delete…/ }).click();
  await expect(question).toContainText("Your notes stay as they are.");
  await question.getByRole("button", { name: "Delete this copy" }).click();
  await expect(page.getByText("There is no safety copy yet.")).toBeVisible();
  expect(await readdir(join(world.dataDir, "perennial", "backups"))).toEqual([]);
});

test("the status bar and the page warn when the newest copy is older than two days, and why", async ({
  world,
}) => {
  const server = await world.startServer();
  // The same data folder, three days ago by the clock that the app reads.
  const before = startHeadlessClient({
    name: "desk",
    program: program("client"),
    dataDir: join(world.dataDir, "perennial"),
    serverUrl: server.url,
    clockOffsetMs: -3 * dayMs,
  });
  world.atEnd(before.close);
  await before.until("sign-in", (state) => state.account.kind === "signed-out");
  await before.ask("account:register", account);
  await untilSynced(before);
  await before.ask("backups:make", undefined);
  await before.close();
  // Something is in the place where the next copy goes, today or, after midnight, tomorrow.
  const inTheWay = [0, 1].map((days) => {
    const date = new Date(Date.now() + days * dayMs).toISOString().slice(0, 10);
    return join(world.dataDir, "perennial", "backups", `daily-${date}-1`);
  });
  for (const path of inTheWay) await symlink("nowhere", path);

  const { notes } = await world.openApp({ server: server.url });
  const { page } = notes;
  await notes.untilSynced();
  await openCopies(page);
  const warning = page.getByText("The last try did not work: The safety copy could not be written");
  await expect(warning).toBeHidden();
  await page.getByRole("button", { name: "Make a copy now" }).click();
  await expect(warning).toBeVisible();
  await expect(notes.syncStatus).toContainText("Newest safety copy: 3 days ago");
  expect(await violations(page)).toEqual([]);
  for (const path of inTheWay) await unlink(path);
  await page.getByRole("button", { name: "Make a copy now" }).click();
  await expect(warning).toBeHidden();
  await expect(notes.syncStatus).not.toContainText("Newest safety copy");
});
