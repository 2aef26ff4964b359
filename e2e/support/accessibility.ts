// Asks axe about what the window shows.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/** Everything axe finds wrong with what the window shows now, as rule and element. */
export async function violations(page: Page): Promise<string[]> {
  // What is still fading in has other colours than those it is meant to have.
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState }) => playState !== "running"),
  );
  // Playwright cannot open a second page in an Electron window, which axe's newer mode wants.
  const { violations: found } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`));
}
