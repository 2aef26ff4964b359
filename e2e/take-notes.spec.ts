import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { violations } from "./support/accessibility";
import { account, editOn, expect, test } from "./support/world";

test("a newcomer writes a first note, and it is there after the next start", async ({ world }) => {
  const first = await world.openApp();
  await expect(first.running.page.getByRole("heading", { name: "Your first note" })).toBeVisible();
  await first.notes.writeNote("Shopping", "milk\neggs");
  await first.notes.untilSynced();
  await first.running.close();

  const { notes } = await world.openApp();
  await notes.open("Shopping");
  await expect(notes.text).toHaveValue("milk\neggs");
});

test("notes are made, indented, trashed, restored and undone with the keyboard", async ({ world }) => {
  const { notes, running } = await world.openApp();
  const { page } = running;
  await notes.writeNote("Garden", "roses");
  await notes.writeNote("Tools", "spade");
  await notes.row("Tools").click();
  await page.keyboard.press("Alt+Shift+ArrowRight");
  await expect(notes.row("Tools")).toHaveAttribute("aria-level", "2");
  await page.keyboard.press("Alt+Shift+ArrowLeft");
  await expect(notes.row("Tools")).toHaveAttribute("aria-level", "1");

  await notes.row("Tools").click();
  await page.keyboard.press("Delete");
  await expect(notes.tree.getByRole("treeitem", { name: "Tools" })).toHaveCount(0);
  await notes.row("Garden").click();
  await page.keyboard.press("Control+z");
  await expect(notes.row("Tools")).toBeVisible();

  await notes.row("Tools").click();
  await page.keyboard.press("F2");
  await page.getByRole("textbox", { name: "Rename Tools" }).fill("Garden tools");
  await page.keyboard.press("Enter");
  await expect(notes.row("Garden tools")).toBeVisible();
});

test("notes are dragged into another one, back beside it, and several at once", async ({ world }) => {
  const { notes } = await world.openApp();
  for (const title of ["Garden", "Tools", "Seeds", "Paths"]) await notes.writeNote(title, title);
  await notes.row("Tools").dragTo(notes.row("Garden"));
  await expect(notes.row("Tools")).toHaveAttribute("aria-level", "2");

  const { height } = (await notes.row("Seeds").boundingBox())!;
  await notes.row("Tools").dragTo(notes.row("Seeds"), { targetPosition: { x: 40, y: height - 2 } });
  await expect(notes.row("Tools")).toHaveAttribute("aria-level", "1");
  await expect(notes.tree.getByRole("treeitem")).toHaveText(["Garden", "Seeds", "Tools", "Paths"]);

  await notes.row("Seeds").click();
  await notes.row("Paths").click({ modifiers: ["Shift"] });
  await notes.row("Tools").dragTo(notes.row("Garden"), { targetPosition: { x: 40, y: 2 } });
  await expect(notes.tree.getByRole("treeitem")).toHaveText(["Seeds", "Tools", "Paths", "Garden"]);
});

test("each message about the trash takes back its own notes, whatever went there since", async ({
  world,
}) => {
  const { notes, running } = await world.openApp();
  const { page } = running;
  for (const title of ["Garden", "Tools", "Seeds", "Paths"]) await notes.writeNote(title, title);
  await notes.row("Garden").click();
  await page.keyboard.press("Delete");
  await expect(page.getByText("Moved “Garden” to trash.")).toBeVisible();
  await notes.row("Tools").click();
  await notes.row("Seeds").click({ modifiers: ["Shift"] });
  await notes.tree.press("Delete");
  await expect(page.getByText("Moved 2 notes to trash.")).toBeVisible();
  const undoOf = (message: string) =>
    page.locator(".toast", { hasText: message }).getByRole("button", { name: "Undo" });

  await undoOf("“Garden”").click();
  await expect(notes.tree.getByRole("treeitem")).toHaveText(["Garden", "Paths"]);
  await expect(notes.title).toHaveValue("Garden");
  await undoOf("2 notes").click();
  await expect(notes.tree.getByRole("treeitem")).toHaveText(["Garden", "Tools", "Seeds", "Paths"]);
});

test("the trash is emptied from its own head, after a question", async ({ world }) => {
  const { notes, running } = await world.openApp();
  const { page } = running;
  await notes.writeNote("Garden", "roses");
  await notes.writeNote("Tools", "spade");
  await notes.row("Tools").click();
  await notes.tree.press("Delete");
  const trash = page.getByRole("region", { name: "Trash" });
  await trash.getByRole("button", { name: /^Trash/ }).click();
  await expect(
    page.getByRole("tree", { name: "Trash" }).getByRole("treeitem", { name: "Tools" }),
  ).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await trash.getByRole("button", { name: "Empty trash…" }).click();
  const question = page.getByRole("alertdialog", { name: "Empty the trash?" });
  await expect(question).toContainText("1 note will be deleted for good");
  await question.getByRole("button", { name: "Empty trash" }).click();
  await expect(trash).toBeHidden();
  await expect(notes.row("Garden")).toBeVisible();
});

test("with everything in the trash the window says so, and one key brings the last note and the focus back", async ({
  world,
}) => {
  const { notes, running } = await world.openApp();
  const { page } = running;
  await notes.writeNote("Only", "one");
  await notes.row("Only").click();
  await page.keyboard.press("Delete");
  await expect(page.getByRole("heading", { name: "No notes" })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  const undo = page.getByRole("button", { name: "Undo" });
  await undo.focus();
  await page.keyboard.press("Enter");
  await expect(notes.row("Only")).toBeVisible();
  await expect(notes.tree).toBeFocused();
});

test("a folder of Markdown files becomes a tree of notes, and search finds a word in it", async ({
  world,
}) => {
  const folder = join(world.folder, "recipes");
  await mkdir(join(folder, "soups"), { recursive: true });
  await writeFile(join(folder, "bread.md"), "# Bread\n\nflour and water\n");
  await writeFile(join(folder, "soups", "leek.md"), "# Leek soup\n\npotatoes\n");
  const { notes, running } = await world.openApp();
  await running.app.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [chosen] });
  }, folder);
  await running.page.getByRole("button", { name: "Import a folder of Markdown…" }).click();
  await expect(notes.row("recipes")).toBeVisible();
  await notes.row("recipes").click();
  await running.page.keyboard.press("ArrowRight");
  await expect(notes.row("Bread")).toBeVisible();
  await notes.row("soups").click();
  await running.page.keyboard.press("ArrowRight");
  await expect(notes.row("Leek soup")).toHaveAttribute("aria-level", "3");

  await running.page.keyboard.press("Control+f");
  await running.page.getByPlaceholder("Search all notes").fill("potatoes");
  await expect(running.page.getByRole("option", { name: /Leek soup/ })).toBeVisible();
});

test("an edit made on another device appears while the note is open, and both hands' words stay", async ({
  world,
}) => {
  const server = await world.startServer();
  const { notes } = await world.openApp({ server: server.url });
  await notes.signIn(account.email, account.password, true);
  await notes.writeNote("Plan", "first\nlast");
  await notes.untilSynced();
  const phone = await world.openPhone(server);
  await editOn(phone, "Plan", (text) => `${text}\nfrom the phone`);
  await expect(notes.text).toHaveValue("first\nlast\nfrom the phone");
  await notes.text.press("Control+Home");
  await notes.text.pressSequentially("from the desk\n");
  await expect
    .poll(async () => [...(await phone.notes()).values()].map(({ text }) => text).join("\n"))
    .toContain("from the desk\nfirst\nlast\nfrom the phone");
});
