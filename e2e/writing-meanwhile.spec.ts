import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServerProcess } from "../src/cli/scenario/server-process";
import { violations } from "./support/accessibility";
import { endInsteadOfRelaunch } from "./support/launch";
import type { NotesWindow } from "./support/notes-window";
import { account, expect, test, untilPhoneHas, type World } from "./support/world";

/** The server went back in time and says nothing more; the app was restarted and gets its fresh copy for a long time. */
async function inASlowRecovery(
  world: World,
  crashAt?: string,
): Promise<{ server: ServerProcess; notes: NotesWindow; ended: Promise<void> }> {
  const server = await world.startServer();
  const { running, notes } = await world.openApp({ server: server.url });
  await notes.signIn(account.email, account.password, true);
  await notes.writeNote("Shopping", "milk\neggs");
  await notes.untilSynced();
  const backup = join(world.folder, "backup");
  await server.operate("backup", backup);
  await notes.writeNote("Journey", "tickets\npassport");
  await notes.untilSynced();
  await server.operate("restore", backup);
  await expect(notes.prompt).toBeVisible();
  server.signal("SIGSTOP");
  world.atEnd(async () => server.signal("SIGCONT"));
  await endInsteadOfRelaunch(running);
  await notes.restartAndRecover();
  await running.ended;
  const again = await world.openApp({ server: server.url, ...(crashAt === undefined ? {} : { crashAt }) });
  return { server, notes: again.notes, ended: again.running.ended };
}

const banner = ({ page }: NotesWindow) => page.getByRole("region", { name: "Recovering your notes" });

test("typing goes on through a whole recovery: nothing is lost, the note stays open and the caret where it is", async ({
  world,
}) => {
  const { server, notes } = await inASlowRecovery(world);
  const { page } = notes;
  await expect(banner(notes)).toContainText("You can keep writing");
  await expect(banner(notes).getByRole("progressbar", { name: "Recovery" })).toBeVisible();
  // The server is there and says nothing: that is neither 'offline' nor 'nothing waiting'.
  await expect(notes.syncStatus).toContainText("Recovering your notes…");
  await expect(notes.syncStatus).not.toContainText(/offline/i);
  await notes.syncStatus.getByRole("button").first().click();
  await expect(page.getByRole("dialog", { name: "Sync" })).toContainText("out of your safety copy");
  await page.keyboard.press("Escape");
  await banner(notes).getByRole("button", { name: "Show details" }).click();
  await expect(page.getByRole("list", { name: "Steps" })).toContainText("Getting a fresh copy");
  expect(await violations(page)).toEqual([]);
  await page.screenshot({ path: test.info().outputPath("writing-while-it-recovers.png") });
  await banner(notes).getByRole("button", { name: "Hide details" }).click();

  await notes.open("Journey");
  await notes.text.press("Control+Home");
  await notes.text.press("End");
  const words: string[] = [];
  const isOver = () => banner(notes).isHidden();
  server.signal("SIGCONT");
  // Between the two lines, without a pause, from before the download to after the report.
  for (let after = 0; after < 5; ) {
    const word = ` w${words.length}`;
    words.push(word);
    await page.keyboard.type(word);
    if (await isOver()) after += 1;
  }
  const text = `tickets${words.join("")}\npassport`;
  await expect(notes.text).toHaveValue(text);
  const caret = await notes.text.evaluate((field: HTMLTextAreaElement) => [
    field === document.activeElement,
    field.selectionStart,
    field.selectionEnd,
  ]);
  expect(caret).toEqual([true, text.indexOf("\n"), text.indexOf("\n")]);
  await expect(page.getByText(/Your notes are back\. \d+ changes? restored\./).first()).toBeVisible();
  await expect(page.getByRole("heading", { name: "Your notes are back" })).toBeHidden();
  await notes.untilSynced();
  const phone = await world.openPhone(server);
  await untilPhoneHas(phone, "Journey", text);
});

test("what was typed while the fresh copy came is there after the process was killed before its report", async ({
  world,
}) => {
  const { server, notes, ended } = await inASlowRecovery(world, "reporting");
  await expect(banner(notes)).toContainText("You can keep writing");
  await notes.open("Shopping");
  await notes.text.press("Control+End");
  await notes.text.pressSequentially(", typed before the plan");
  // Saved, so that it is on the disk before anything else happens.
  await expect(notes.page.getByText("Not saved yet")).toBeHidden();
  await notes.page.evaluate(() => window.dispatchEvent(new Event("blur")));
  server.signal("SIGCONT");
  await ended;
  const again = await world.openApp({ server: server.url });
  await again.notes.untilSynced();
  await again.notes.open("Shopping");
  await expect(again.notes.text).toHaveValue(/typed before the plan/);
});

for (const how of ["its window was closed", "its process was killed"]) {
  test(`what was typed and could not be saved before ${how} is typed in again at the next start`, async ({
    world,
  }) => {
    const server = await world.startServer();
    const { running, notes } = await world.openApp({ server: server.url });
    await notes.signIn(account.email, account.password, true);
    await notes.writeNote("Shopping", "milk");
    await notes.untilSynced();
    // Main has no time for saving any more: what it is asked it never answers, as while a recovery writes.
    await running.app.evaluate(({ ipcMain }) => {
      ipcMain.removeHandler("notes:edit");
      ipcMain.handle("notes:edit", () => new Promise(() => undefined));
    });
    await notes.text.press("Control+End");
    await notes.text.pressSequentially(", bread");
    if (how === "its process was killed") {
      await expect.poll(() => typingKept(world)).toContain("milk, bread");
      running.app.process().kill("SIGKILL");
      await running.ended;
    } else {
      await running.close();
    }
    const again = await world.openApp({ server: server.url });
    await again.notes.open("Shopping");
    await expect(again.notes.text).toHaveValue("milk, bread");
    await again.notes.untilSynced();
    await untilPhoneHas(await world.openPhone(server), "Shopping", "milk, bread");
    // What has been typed in again is kept no longer.
    await expect.poll(() => typingKept(world)).toBe("");
  });
}

/** What lies on the disk of it. */
async function typingKept({ dataDir }: World): Promise<string> {
  const folder = join(dataDir, "perennial", "local", "typing");
  const files = await readdir(folder).catch(() => []);
  return (await Promise.all(files.map((file) => readFile(join(folder, file), "utf8").catch(() => "")))).join(
    "",
  );
}
