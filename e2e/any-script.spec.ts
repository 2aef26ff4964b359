import type { Locator } from "@playwright/test";
import { violations } from "./support/accessibility";
import { expect, test } from "./support/world";

const directionOf = (element: Locator) => element.evaluate((node) => getComputedStyle(node).direction);

test("a note in Hebrew or Arabic is written and listed from the right, beside others from the left", async ({
  world,
}) => {
  const { notes } = await world.openApp();
  await notes.writeNote("קניות 🛒", "חלב, ולחם");
  expect(await directionOf(notes.title)).toBe("rtl");
  expect(await directionOf(notes.text)).toBe("rtl");
  expect(await directionOf(notes.row("קניות 🛒").getByTitle("קניות 🛒"))).toBe("rtl");
  await notes.writeNote("Shopping", "milk");
  expect(await directionOf(notes.title)).toBe("ltr");
  expect(await directionOf(notes.text)).toBe("ltr");
});

test("the text stands where it stood when it grows longer than the window", async ({ world }) => {
  const { notes } = await world.openApp();
  await notes.writeNote("Long", "short");
  const before = await notes.text.boundingBox();
  await notes.text.fill(Array.from({ length: 200 }, (_, line) => `line ${line}`).join("\n"));
  const after = await notes.text.boundingBox();
  expect([after?.x, after?.width]).toEqual([before?.x, before?.width]);
  // The line that is written on is not at the very edge.
  await notes.text.press("Control+End");
  const room = () =>
    notes.text.evaluate((field) => {
      const page = field.closest(".editor-scroll");
      return page === null ? 0 : page.scrollHeight - page.clientHeight - page.scrollTop;
    });
  await expect.poll(room).toBeLessThan(200);
});

test("a small window can do it all: its menu scrolls, its dialogs fit, nothing is hard to read", async ({
  world,
}) => {
  const { notes } = await world.openApp();
  const { page } = notes;
  await page.setViewportSize({ width: 700, height: 500 });
  await page.getByRole("button", { name: "New note" }).first().click();
  await expect(notes.row("Untitled")).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Menu" }).click();
  await page.keyboard.press("End");
  await expect(page.getByRole("menuitem", { name: "About Perennial" })).toBeInViewport();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+/");
  const keys = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  // What a key does, not what it would undo just now.
  await expect(keys.getByText("Undo", { exact: true })).toBeVisible();
  await expect(keys.getByRole("button", { name: "Close" })).toBeInViewport({ ratio: 1 });
  expect(await violations(page)).toEqual([]);
});
