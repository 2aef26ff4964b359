import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { HeadlessClient } from "../src/cli/scenario/headless-client";
import type { ServerProcess } from "../src/cli/scenario/server-process";
import { statesAfterRestart, statesBeforeRestart } from "../src/shared/reset-machine";
import { violations } from "./support/accessibility";
import { endInsteadOfRelaunch, followRelaunch, type RunningApp } from "./support/launch";
import { NotesWindow } from "./support/notes-window";
import { account, editOn, expect, recoverPhone, test, untilPhoneHas, type World } from "./support/world";

type Story = { server: ServerProcess; phone: HeadlessClient; running: RunningApp; notes: NotesWindow };

/** Desk and phone share two notes; the operator has a backup; the desk has gone offline and written on. */
async function untilOffline(world: World, crashAt?: string): Promise<Story & { backup: string }> {
  const server = await world.startServer();
  const { running, notes } = await world.openApp({ server: server.url, ...(crashAt ? { crashAt } : {}) });
  await notes.signIn(account.email, account.password, true);
  await notes.writeNote("Shopping", "milk\neggs");
  await notes.writeNote("Journey", "tickets");
  const phone = await world.openPhone(server);
  await untilPhoneHas(phone, "Shopping", "eggs");
  await untilPhoneHas(phone, "Journey", "tickets");
  const backup = join(world.folder, "backup");
  await server.operate("backup", backup);

  await editOn(phone, "Shopping", (text) => `${text}\nbread, after the backup`);
  await phone.until("synced", ({ sync }) => sync.kind === "synced");
  await notes.open("Shopping");
  await expect(notes.text).toHaveValue(/bread, after the backup/);
  await notes.untilSynced();

  await notes.workOffline(true);
  await expect(notes.syncStatus).toContainText(/offline/i);
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
  await recoverPhone(phone);
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
    for (const word of words) await untilPhoneHas(phone, title, word);
  }
}

test("'Not now' leaves a banner, writing goes on, and nothing of it is lost in the recovery", async ({
  world,
}) => {
  const { running, notes, phone, server } = await untilPrompt(world);
  await expect(notes.prompt).toBeVisible();
  await expect(notes.prompt).toContainText("2 changes");
  expect(await readdir(join(world.dataDir, "perennial", "backups"))).toHaveLength(1);
  expect(await violations(notes.page)).toEqual([]);

  await notes.page.keyboard.press("Escape");
  await expect(notes.prompt).toBeHidden();
  await expect(notes.page.getByText("Syncing is paused. You can keep writing").first()).toBeVisible();
  await notes.open("Ideas");
  await notes.text.press("Control+End");
  await notes.text.pressSequentially(", and more after 'not now'");
  await expect(notes.syncStatus).toContainText("Syncing paused");

  await endInsteadOfRelaunch(running);
  await notes.restartAndRecover();
  await running.ended;

  const again = await world.openApp({ server: server.url });
  await expect(again.notes.page.getByRole("heading", { name: "Your notes are back" })).toBeVisible();
  await expect(again.notes.page.getByRole("list", { name: "Outcomes" })).toBeVisible();
  expect(await violations(again.notes.page)).toEqual([]);
  await expectEverything({ notes: again.notes, phone });
  await again.notes.open("Ideas");
  await expect(again.notes.text).toHaveValue(/and more after 'not now'/);

  const reports = await readdir(join(world.dataDir, "perennial", "reports"));
  expect(reports.filter((name) => name.endsWith(".md"))).toHaveLength(1);
});

test("a plan is shown note by note before it is carried out, and can be cancelled there", async ({
  world,
}) => {
  const { running, notes, server } = await untilPrompt(world);
  await expect(notes.prompt).toBeVisible();
  await notes.page.getByRole("checkbox", { name: /Show me what will change/ }).check();
  await endInsteadOfRelaunch(running);
  await notes.restartAndRecover();
  await running.ended;

  const { page } = (await world.openApp({ server: server.url })).notes;
  const plan = page.getByRole("alertdialog", { name: "Look at this before it happens" });
  await expect(plan).toBeVisible();
  await plan.getByText("Show every note").click();
  await plan.getByText("Compare Shopping").click();
  const mine = plan.getByRole("region", { name: "On this computer" });
  await expect(mine.getByText("butter, typed offline")).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await plan.getByRole("button", { name: "Cancel" }).click();
  const stopped = page.getByRole("alertdialog", { name: "Recovery is waiting for you." });
  await expect(stopped.getByText("You cancelled it. Nothing was changed.")).toBeVisible();
});

test("the app restarts by itself, recovers and shows the report", async ({ world }) => {
  const { phone, running, notes } = await untilPrompt(world);
  await expect(notes.prompt).toBeVisible();
  await expect(notes.prompt.getByText("The fresh copy is already here")).toBeVisible();
  await notes.page.screenshot({ path: test.info().outputPath("fresh-copy-is-here.png") });
  const followed = followRelaunch(world.dataDir);
  await notes.restartAndRecover();
  await running.ended;
  const again = await followed;
  world.atEnd(again.close);
  await expect(again.page.getByRole("heading", { name: "Your notes are back" })).toBeVisible();
  await expectEverything({ notes: new NotesWindow(again.page), phone });
});

for (const state of [...statesBeforeRestart, ...statesAfterRestart]) {
  test(`killed while ${state}, the next start ends with the same tree`, async ({ world }) => {
    const { phone, server, running, notes } = await untilPrompt(world, state);
    if (statesAfterRestart.some((each) => each === state)) {
      await expect(notes.prompt).toBeVisible();
      await endInsteadOfRelaunch(running);
      await notes.restartAndRecover();
      await running.ended;
      // It may be gone before Playwright has it.
      const killed = await world.openApp({ server: server.url, crashAt: state }).catch(() => null);
      await killed?.running.ended;
    } else {
      if (state === "restarting") {
        await expect(notes.prompt).toBeVisible();
        await notes.restartAndRecover();
      }
      await running.ended;
    }
    expect(existsSync(join(world.dataDir, "perennial", `died-at-${state}`))).toBe(true);
    const again = await world.openApp({ server: server.url, crashAt: state });
    await expect(again.notes.page.getByRole("heading", { name: "Your notes are back" })).toBeVisible();
    await expectEverything({ notes: again.notes, phone });
  });
}
