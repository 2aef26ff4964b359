import { violations } from "./support/accessibility";
import { expect, test } from "./support/world";

for (const colorScheme of ["light", "dark"] as const) {
  test(`sign-in, first page, tree, editor and palette have no accessibility violations in ${colorScheme}`, async ({
    world,
  }) => {
    const server = await world.startServer();
    const { notes } = await world.openApp({ server: server.url, colorScheme });
    const { page } = notes;
    await expect(page.getByRole("heading", { name: "Welcome to Perennial" })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Start without an account" }).click();
    await expect(page.getByRole("heading", { name: "Your first note" })).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await notes.writeNote("Shopping", "milk");
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Control+k");
    await expect(page.getByPlaceholder("Go to a note, or type a command")).toBeVisible();
    expect(await violations(page)).toEqual([]);
  });
}
