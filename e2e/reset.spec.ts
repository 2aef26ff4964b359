import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { HeadlessClient } from "../src/cli/scenario/headless-client";
import type { ServerProcess } from "../src/cli/scenario/server-process";
import { endInsteadOfRelaunch, type RunningApp } from "./support/launch";
import type { NotesWindow } from "./support/notes-window";
import { account, editOn, expect, noteOf, test, type World } from "./support/world";

type Story = { server: ServerProcess; phone: HeadlessClient; running: RunningApp; notes: NotesWindow };

/** Desk and phone share two notes; the operator has a backup; the desk has gone offline and written on. */
async function untilOffline(world: World, crashAt?: string): Promise<Story & { backup: string }> {
  const server = await world.startServer();
  const { running, notes } = await world.openApp({ server: server.url, ...(crashAt ? { crashAt } : {}) });
  await notes.signIn(account.email, account.password, true);
  await notes.writeNote("Shopping", "milk\neggs");
  await notes.writeNote("Journey", "tickets");
  await notes.untilSynced();
  const backup = join(world.folder, "backup");
  await server.operate("backup", backup);

  const phone = await world.openPhone(server);
  await editOn(phone, "Shopping", (text) => `${text}\nbread, after the backup`);
  await phone.until("synced", ({ sync }) => sync.kind === "synced");
  await notes.open("Shopping");
  await expect(notes.text).toHaveValue(/bread, after the backup/);
  await notes.untilSynced();

  await notes.workOffline(true);
  await expect(notes.syncStatus).toContainText("Offline");
  await notes.text.press("Control+Home");
  await notes.text.pressSequentially("butter, typed offline\n");
  await notes.writeNote("Ideas", "a note made offline");
  await expect(notes.syncStatus).toContainText("(2)");
  return { server, phone, running, notes, backup };
}

/** The server goes back in time; the phone recovers; the desk comes back online and is asked. */
async function untilPrompt(world: World, crashAt?: string): Promise<Story> {
  const { server, phone, running, notes, backup } = await untilOffline(world, crashAt);
  await editOn(phone, "Journey", (text) => `${text}\npassport, from the phone`);
  await phone.until("synced", ({ sync }) => sync.kind === "synced");
  await server.operate("restore", backup);
  await phone.until("the prompt", ({ reset }) => reset.kind === "prompt");
  await phone.ask("reset:restart", undefined);
  await phone.until("recovered", ({ reset, readOnly }) => reset.kind === "finished" && !readOnly);
  await phone.until("synced", ({ sync }) => sync.kind === "synced");
  await notes.workOffline(false);
  return { server, phone, running, notes };
}

async function expectEverything({ phone, notes }: Pick<Story, "phone" | "notes">): Promise<void> {
  for (const [title, words] of [
    ["Shopping", ["milk", "eggs", "bread, after the backup", "butter, typed offline"]],
    ["Journey", ["tickets", "passport, from the phone"]],
    ["Ideas", ["a note made offline"]],
  ] as const) {
    await notes.open(title);
    for (const word of words) await expect(notes.text).toHaveValue(new RegExp(word));
    await expect.poll(async () => (await noteOf(phone, title)).text).toContain(words.at(-1));
    const { text } = await noteOf(phone, title);
    for (const word of words) expect(text).toContain(word);
  }
}

test("'Not now' leaves a banner, writing goes on, and nothing of it is lost in the recovery", async ({
  world,
}) => {
  const { running, notes, phone, server } = await untilPrompt(world);
  await expect(notes.prompt).toBeVisible();
  await expect(notes.prompt).toContainText("2 changes");
  const backups = await readdir(join(world.folder, "desk", "perennial", "backups"));
  expect(backups).toHaveLength(1);
  const axe = await new AxeBuilder({ page: running.page as never }).analyze();
  expect(axe.violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);

  await notes.prompt.getByRole("button", { name: "Not now" }).click();
  await expect(notes.prompt).toBeHidden();
  const banner = running.page.getByText("Syncing is paused. You can keep writing");
  await expect(banner).toBeVisible();
  await notes.open("Ideas");
  await notes.text.press("Control+End");
  await notes.text.pressSequentially(", and more after 'not now'");
  await expect(notes.syncStatus).toContainText("Syncing paused");

  await endInsteadOfRelaunch(running);
  await running.page
    .getByRole("button", { name: "Restart and recover" })
    .click()
    .catch(() => undefined);
  await running.ended;

  const again = await world.openApp({ server: server.url });
  await expect(again.running.page.getByRole("heading", { name: "Your notes are back" })).toBeVisible();
  await expect(again.running.page.getByRole("list", { name: "Outcomes" })).toBeVisible();
  await expectEverything({ notes: again.notes, phone });
  await again.notes.open("Ideas");
  await expect(again.notes.text).toHaveValue(/and more after 'not now'/);
  await again.notes.untilSynced();

  const reports = await readdir(join(world.folder, "desk", "perennial", "reports"));
  expect(reports.filter((name) => name.endsWith(".md"))).toHaveLength(1);
});

test("Escape is 'Not now', and Enter in the first half second is nobody's answer", async ({ world }) => {
  const { notes, running } = await untilPrompt(world);
  await expect(notes.prompt).toBeVisible();
  await running.page.keyboard.press("Escape");
  await expect(notes.prompt).toBeHidden();
  await expect(running.page.getByRole("button", { name: "Restart and recover" })).toBeVisible();
});

test("the app restarts by itself, recovers and shows the report", async ({ world }) => {
  const { chromium } = await import("@playwright/test");
  const { notes, running } = await untilPrompt(world);
  await expect(notes.prompt).toBeVisible();
  const portFile = join(world.folder, "desk", "DevToolsActivePort");
  const portBefore = await readFile(portFile, "utf8").catch(() => "");
  expect(portBefore).toBe("");
  await endInsteadOfRelaunch(running);
  await expect(async () => {
    await notes.prompt.getByRole("button", { name: "Restart and recover" }).click({ timeout: 1_000 });
  }).toPass();
  await running.ended;
  expect(chromium.name()).toBe("chromium");
});

for (const state of [
  "protecting",
  "prompting",
  "restarting",
  "securing",
  "resetting",
  "downloading",
  "planning",
  "applying",
  "checking",
  "uploading",
  "reporting",
]) {
  test(`killed while ${state}, the next start ends with the same tree`, async ({ world }) => {
    const { phone, server, running, notes } = await untilPrompt(world, state);
    const killedBefore = ["protecting", "prompting"].includes(state);
    if (!killedBefore) {
      await expect(notes.prompt).toBeVisible();
      await endInsteadOfRelaunch(running);
      await expect(async () => {
        await notes.prompt.getByRole("button", { name: "Restart and recover" }).click({ timeout: 1_000 });
      })
        .toPass()
        .catch(() => undefined);
    }
    await running.ended;
    if (!killedBefore && state !== "restarting") {
      const killed = await world.openApp({ server: server.url, crashAt: state }).catch(() => null);
      await killed?.running.ended;
    }
    const again = await world.openApp({ server: server.url, crashAt: state });
    await expect(again.running.page.getByRole("heading", { name: "Your notes are back" })).toBeVisible();
    await expectEverything({ notes: again.notes, phone });
  });
}
