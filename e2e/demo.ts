// `npm run demo`: plays the story of a reset in the app's window, says in words what happens, and leaves a picture of
// each stage and the report in out/demo/. The same parts as in the specs: real app, real server, real second device.

import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { describeRuntime, findRuntime } from "../scripts/runtime.mjs";
import { gatherDocuments } from "../src/cli/scenario/documents";
import { endInsteadOfRelaunch, projectFolder } from "./support/launch";
import { account, createWorld, editOn, noteOf, recoverPhone, untilPhoneHas } from "./support/world";

const out = join(projectFolder, "out", "demo");
const startedAtMs = Date.now();
let pictures = 0;

function say(words: string): void {
  console.log(`${((Date.now() - startedAtMs) / 1000).toFixed(1).padStart(5)} s  ${words}`);
}

async function picture(page: Page, name: string): Promise<void> {
  pictures += 1;
  const number = String(pictures).padStart(2, "0");
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({
      path: join(out, `${number}-${name}-${colorScheme}.png`),
      animations: "disabled",
    });
  }
  await page.emulateMedia({ colorScheme: "light" });
}

async function play(): Promise<void> {
  const runtime = findRuntime();
  if (runtime.kind === "none") throw new Error(runtime.why);
  say(describeRuntime(runtime));
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const world = await createWorld();
  try {
    const documents = join(world.folder, "Handbooks");
    await gatherDocuments(join(projectFolder, "node_modules"), documents, 120);
    const server = await world.startServer();
    const desk = await world.openApp({ server: server.url });
    const { notes } = desk;
    let { page } = notes;
    await expect(page.getByRole("heading", { name: "Welcome to Perennial" })).toBeVisible();
    await picture(page, "sign-in");
    await notes.signIn(account.email, account.password, true);
    say("signed in on the desk; a folder of real Markdown files is imported");
    await desk.running.app.evaluate(({ dialog }, folder) => {
      dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [folder] });
    }, documents);
    await page.getByRole("button", { name: "Import a folder of Markdown…" }).click();
    await expect(notes.row("Handbooks")).toBeVisible();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await notes.writeNote("Garden plan", "Beds by the wall: beans, then leeks.\n\nSow the peas in March.");
    await notes.writeNote("Letters", "Dear Ada,\n\nthe roses came through the winter.");
    await notes.writeNote("Old seed list", "peas\nbeans");
    await notes.row("Handbooks").click();
    await page.keyboard.press("ArrowRight");
    await notes.open("Garden plan");
    await notes.untilSynced();

    const phone = await world.openPhone(server);
    await untilPhoneHas(phone, "Letters", "roses");
    await untilPhoneHas(phone, "Old seed list", "beans");
    await untilPhoneHas(phone, "Garden plan", "peas");
    await picture(page, "notes");
    await server.operate("backup", join(world.folder, "backup"));
    say("the operator made a backup of the server");

    await editOn(phone, "Garden plan", (text) => `${text}\nFrom the phone: compost is ready.`);
    await expect(notes.text).toHaveValue(/compost is ready/);
    say("the phone wrote a line, and it is here");

    await notes.workOffline(true);
    await notes.text.press("Control+Home");
    await notes.text.pressSequentially("Typed on the train: order seed potatoes.\n");
    await notes.writeNote("Seed swap", "Saturday at ten, behind the library.");
    await notes.open("Old seed list");
    await notes.text.press("Control+End");
    await notes.text.pressSequentially("\nparsnips");
    await notes.open("Letters");
    await notes.text.press("Control+End");
    await notes.text.pressSequentially("\nP.S. The gate squeaks.");
    await editOn(phone, "Letters", (text) => `${text}\n\nFrom the phone: thank you for the seeds.`);
    await editOn(phone, "Garden plan", (text) => `${text}\nFrom the phone: the leeks are up.`);
    await phone.ask("notes:trash", { id: (await noteOf(phone, "Old seed list")).id });
    await phone.until("synced", ({ sync }) => sync.kind === "synced");
    await notes.open("Garden plan");
    await picture(page, "offline");
    say("the desk went offline and wrote on; the phone wrote too");

    await server.operate("restore", join(world.folder, "backup"));
    say("the server broke, and the operator restored the older backup");
    await recoverPhone(phone);
    await phone.until("synced", ({ sync }) => sync.kind === "synced");
    say("the phone has recovered");

    await notes.workOffline(false);
    await expect(notes.prompt).toBeVisible();
    await picture(page, "prompt");
    await page.keyboard.press("Escape");
    await expect(notes.prompt).toBeHidden();
    await notes.open("Seed swap");
    await notes.text.press("Control+End");
    await notes.text.pressSequentially(" Bring labels.");
    await picture(page, "not-now");
    say("the desk said 'Not now' and wrote on");

    await endInsteadOfRelaunch(desk.running);
    await page.getByRole("button", { name: "Restart and recover" }).first().click();
    await desk.running.ended;
    // Silent for a moment, as a server is that has much to send.
    server.signal("SIGSTOP");
    const again = await world.openApp({ server: server.url });
    page = again.notes.page;
    await expect(page.getByRole("region", { name: "Recovering your notes" })).toBeVisible();
    await again.notes.open("Seed swap");
    await again.notes.text.press("Control+End");
    await again.notes.text.pressSequentially(" And a pen.");
    await picture(page, "recovering");
    say("the desk restarted, and wrote on while its fresh copy was on the way");
    server.signal("SIGCONT");
    // Nothing opens in front of somebody who writes.
    await page.getByRole("button", { name: "Report", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Your notes are back" })).toBeVisible();
    await picture(page, "report");
    say("the desk has recovered and shows the report");

    await again.notes.open("Garden plan");
    for (const words of ["Typed on the train", "compost is ready", "the leeks are up", "beans, then leeks"]) {
      await expect(again.notes.text).toHaveValue(new RegExp(words));
    }
    await untilPhoneHas(phone, "Garden plan", "Typed on the train");
    await untilPhoneHas(phone, "Seed swap", "Bring labels. And a pen.");
    await again.notes.open("Letters");
    await expect(again.notes.text).toHaveValue(/thank you for the seeds/);
    await expect(again.notes.text).toHaveValue(/The gate squeaks/);
    await again.notes.open("Garden plan");
    await picture(page, "recovered");
    const reports = join(world.dataDir, "perennial", "reports");
    for (const name of await readdir(reports)) await copyFile(join(reports, name), join(out, name));
    say(`every word of both is there; pictures and the report are in ${join("out", "demo")}`);
  } finally {
    await world.close();
  }
}

await play().catch((error: Error) => {
  console.error(`The demo could not be played to its end: ${error.message}`);
  process.exitCode = 1;
});
