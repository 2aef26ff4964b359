// A world of its own for each spec: a temporary folder, a real sync server on a free port where one is asked for,
// and a second person at a second device, who has no window.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect } from "@playwright/test";
import { type HeadlessClient, startHeadlessClient } from "../../src/cli/scenario/headless-client";
import { type ServerProcess, startServerProcess } from "../../src/cli/scenario/server-process";
import { type LaunchOptions, launch, projectFolder, type RunningApp } from "./launch";
import { NotesWindow } from "./notes-window";

export const account = { email: "gardener@example.com", password: "grows back every year" };

export type World = {
  readonly folder: string;
  readonly dataDir: string;
  readonly atEnd: (close: () => Promise<void>) => void;
  readonly startServer: () => Promise<ServerProcess>;
  /** Opens the app with the data folder `desk` of this world; closed at the end of the spec, whatever happens. */
  readonly openApp: (
    options?: Partial<LaunchOptions>,
  ) => Promise<{ running: RunningApp; notes: NotesWindow }>;
  readonly openPhone: (server: ServerProcess) => Promise<HeadlessClient>;
};

export const program = (name: string) => join(projectFolder, "out", "node", `${name}.cjs`);

export async function createWorld(): Promise<World & { close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "perennial-e2e-"));
  const closing: (() => Promise<void>)[] = [];
  const dataDir = join(folder, "desk");
  return {
    folder,
    dataDir,
    atEnd(close) {
      closing.push(close);
    },
    async startServer() {
      const server = await startServerProcess(program("server"), join(folder, "server"));
      closing.push(server.stop);
      return server;
    },
    async openApp(options = {}) {
      const running = await launch({ dataDir, ...options });
      closing.push(running.close);
      return { running, notes: new NotesWindow(running.page) };
    },
    async openPhone(server) {
      const phone = startHeadlessClient({
        name: "phone",
        program: program("client"),
        dataDir: join(folder, "phone"),
        serverUrl: server.url,
      });
      closing.push(phone.close);
      await phone.until("sign-in", (state) => state.account.kind === "signed-out");
      await phone.ask("account:sign-in", account);
      await phone.until("a writable tree", ({ readOnly }) => !readOnly);
      return phone;
    },
    async close() {
      for (const close of closing.reverse()) await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const test = base.extend<{ world: World }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures from this pattern.
  world: async ({}, use) => {
    const world = await createWorld();
    await use(world);
    await world.close();
  },
});
export { expect };

/** The phone's note with this title; waits until it is there. */
export async function noteOf(phone: HeadlessClient, title: string) {
  let id: string | undefined;
  await expect
    .poll(async () => {
      const { rows } = await phone.ask("notes:all", undefined);
      id = rows.find((row) => row.title === title)?.id;
      return id !== undefined;
    })
    .toBe(true);
  return phone.ask("notes:read", { id: id as never });
}

export async function untilPhoneHas(phone: HeadlessClient, title: string, words: string): Promise<void> {
  await expect.poll(async () => (await noteOf(phone, title)).text).toContain(words);
}

/** Where the server starts it anew: it is asked, restarts, and shows its report. */
export async function recoverPhone(phone: HeadlessClient): Promise<void> {
  await phone.until("the prompt", ({ reset }) => reset.kind === "prompt");
  await phone.ask("reset:restart", undefined);
  await phone.until("recovered", ({ reset, readOnly }) => reset.kind === "finished" && !readOnly);
}

export async function editOn(
  phone: HeadlessClient,
  title: string,
  change: (text: string) => string,
): Promise<void> {
  const note = await noteOf(phone, title);
  await phone.ask("notes:edit", { id: note.id, text: change(note.text), base: note.text });
}
