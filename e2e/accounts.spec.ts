import { violations } from "./support/accessibility";
import { account, expect, test, untilPhoneHas } from "./support/world";

test("somebody types at once, and is told in plain words what was wrong", async ({ world }) => {
  const server = await world.startServer();
  const { notes } = await world.openApp({ server: server.url });
  const { page } = notes;
  await expect(page.getByLabel("E-mail")).toBeFocused();
  await page.keyboard.type(account.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type("not that one");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toHaveText("The e-mail address or the password is wrong.");
  expect(await violations(page)).toEqual([]);
});

test("who began without an account makes one later, keeps every note and finds them on another device", async ({
  world,
}) => {
  const server = await world.startServer();
  const { notes } = await world.openApp({ server: server.url });
  const { page } = notes;
  await page.getByRole("button", { name: "Start without an account" }).click();
  await expect(page.getByRole("heading", { name: "Your first note" })).toBeVisible();
  await notes.writeNote("Garden", "roses");
  await notes.untilSynced();
  await notes.syncStatus.getByRole("button").first().click();
  await page.getByRole("button", { name: "Create an account…" }).click();
  const dialog = page.getByRole("dialog", { name: "Create an account for these notes" });
  await expect(dialog).toContainText("All your notes stay as they are.");
  await expect(dialog.getByLabel("E-mail")).toBeFocused();
  expect(await violations(page)).toEqual([]);
  await dialog.getByLabel("E-mail").fill(account.email);
  await dialog.getByLabel("Password").fill(account.password);
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await notes.open("Garden");
  await notes.syncStatus.getByRole("button").first().click();
  await expect(page.getByRole("dialog", { name: "Sync" })).toContainText(account.email);
  await page.keyboard.press("Escape");
  await untilPhoneHas(await world.openPhone(server), "Garden", "roses");
});

test("whom the server signs out reads why above the notes, writes on, and signs in again over them", async ({
  world,
}) => {
  const server = await world.startServer();
  const { notes } = await world.openApp({ server: server.url });
  const { page } = notes;
  await notes.signIn(account.email, account.password, true);
  await notes.writeNote("Garden", "roses");
  await notes.untilSynced();
  await server.operate("users", "disable", account.email);
  const banner = page.getByRole("region", { name: "Signed out by the server" });
  await expect(banner).toContainText(`The server has signed ${account.email} out`);
  await expect(notes.syncStatus.getByRole("button").first()).toHaveText("Signed out by the server");
  expect(await violations(page)).toEqual([]);
  await notes.writeNote("Shed", "tools");
  await banner.getByRole("button", { name: "Sign in…" }).click();
  const dialog = page.getByRole("dialog", { name: "Sign in" });
  await dialog.getByLabel("E-mail").fill(account.email);
  await dialog.getByLabel("Password").fill(account.password);
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("alert")).toHaveText(
    "This account is switched off. Ask whoever runs the server.",
  );
  await server.operate("users", "enable", account.email);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(banner).toBeHidden();
  await notes.untilSynced();
  await untilPhoneHas(await world.openPhone(server), "Shed", "tools");
});

test("a folder that belongs to another server than was named says so above the notes", async ({ world }) => {
  const server = await world.startServer();
  const { running, notes } = await world.openApp({ server: server.url });
  await notes.signIn(account.email, account.password, true);
  await notes.writeNote("Garden", "roses");
  await notes.untilSynced();
  await running.close();
  const { notes: again } = await world.openApp({ server: "http://127.0.0.1:9" });
  const banner = again.page.getByRole("region", { name: "Another server" });
  await expect(banner).toContainText(`belong to the server ${server.url} and stay with it`);
  await again.open("Garden");
  expect(await violations(again.page)).toEqual([]);
});
