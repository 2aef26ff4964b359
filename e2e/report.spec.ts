import { violations } from "./support/accessibility";
import { endInsteadOfRelaunch } from "./support/launch";
import { account, editOn, expect, recoverPhone, test, untilPhoneHas } from "./support/world";

test("in a long report a note is found by its title, a count leads to its notes, and what was chosen or undone is offered no more", async ({
  world,
}) => {
  const server = await world.startServer();
  const { running, notes } = await world.openApp({ server: server.url });
  await notes.signIn(account.email, account.password, true);
  await notes.writeNote("Shopping", "חלב");
  for (let day = 1; day <= 9; day += 1) await notes.writeNote(`Day ${day}`, "sun");
  await notes.untilSynced();
  const phone = await world.openPhone(server);
  await untilPhoneHas(phone, "Day 9", "sun");
  await notes.workOffline(true);
  await notes.open("Shopping");
  await notes.text.fill("חלב שיבולת");
  for (let day = 1; day <= 9; day += 1) {
    await notes.open(`Day ${day}`);
    await notes.text.fill("sun and rain");
  }
  await expect(notes.syncStatus).toContainText("(10)");
  await editOn(phone, "Shopping", (text) => text.replace("חלב", "חלב עיזים"));
  await phone.until("synced", ({ sync }) => sync.kind === "synced");
  await server.operate("terminate");
  await server.operate("enable");
  await recoverPhone(phone);
  await notes.workOffline(false);
  await expect(notes.prompt).toBeVisible();
  // Nothing is to be resumed while it asks.
  await expect(notes.syncStatus).toHaveText(/^\s*Syncing paused/);
  await expect(notes.page.getByRole("button", { name: "Resume", includeHidden: true })).toHaveCount(0);
  await endInsteadOfRelaunch(running);
  await notes.restartAndRecover();
  await running.ended;

  const { page } = (await world.openApp({ server: server.url })).notes;
  await expect(page.getByRole("heading", { name: "Your notes are back" })).toBeVisible();
  const putBack = page.getByRole("button", { name: /^Put back/ });
  await expect(putBack).toHaveAttribute("aria-expanded", "false");
  await page.getByRole("list", { name: "Outcomes" }).getByRole("button", { name: "9 put back" }).click();
  await expect(putBack).toHaveAttribute("aria-expanded", "true");
  await expect(putBack).toBeFocused();
  await expect(page.getByRole("button", { name: "Undo Day 9" })).toBeVisible();
  expect(await violations(page)).toEqual([]);

  const search = page.getByRole("searchbox", { name: "Find a note in this report" });
  await search.fill("day 4");
  await expect(page.getByRole("rowheader")).toHaveText([/^Day 4/]);
  await page.getByRole("button", { name: "Undo Day 4" }).click();
  await untilPhoneHas(phone, "Day 4", "sun");
  await expect(page.getByText("You chose: Undo")).toBeVisible();
  await expect(page.getByRole("button", { name: "Undo Day 4" })).toBeHidden();
  await page.getByRole("button", { name: "Put back again Day 4" }).click();
  await untilPhoneHas(phone, "Day 4", "sun and rain");
  await search.fill("nothing like it");
  await expect(page.getByText("No note of this report is called “nothing like it”.")).toBeVisible();
  await search.fill("");

  await page.getByRole("button", { name: "Compare Shopping" }).click();
  const added = page.getByRole("insertion").getByText("חלב שיבולת");
  expect(await added.evaluate((line) => getComputedStyle(line).direction)).toBe("rtl");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Keep theirs Shopping" }).click();
  await expect(page.getByText("You chose: Keep theirs")).toBeVisible();
  await expect(page.getByRole("button", { name: "Keep theirs Shopping" })).toBeHidden();
  await expect(page.getByRole("button", { name: "Keep mine Shopping" })).toBeVisible();

  await page.getByRole("button", { name: "Undo this recovery…" }).click();
  await page.getByRole("button", { name: "Undo this recovery", exact: true }).click();
  await page.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("heading", { name: "This recovery was undone" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Undo this recovery…" })).toBeHidden();
  await expect(page.getByRole("button", { name: /^Undo / })).toHaveCount(0);
  expect(await violations(page)).toEqual([]);
});
