import { join, resolve } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { AppState } from "../../shared/ipc-contract";
import { startServerProcess } from "../scenario/server-process";
import { untilSynced, untilWritable } from "../scenario/waits";
import { addSynced, credentials, openWorld, untilTexts, type World } from "./world";

/** Another server, which knows nobody. */
async function startOther(world: World): Promise<string> {
  const program = resolve(process.env.PERENNIAL_TEST_PROGRAMS ?? join("out", "node"), "server.cjs");
  const other = await startServerProcess(program, join(world.folder, "other-server"));
  onTestFinished(() => other.stop());
  return other.url;
}

const says = ({ otherServer }: AppState) => otherServer ?? "";

it("is named when the folder belongs to one already: it is said which is used, where and what to do", async () => {
  const world = await openWorld();
  const client = await world.openClient("laptop");
  await addSynced(client, "# Kept\n");
  const { url } = world.server();
  const { dataDir } = world.pathsOf(client);
  const otherUrl = await startOther(world);
  await client.close();
  client.start({ serverUrl: otherUrl });
  const state = await untilSynced(client);
  expect(says(state)).toContain(`The notes in ${dataDir} belong to the server ${url} and stay with it`);
  expect(says(state)).toContain(`the server ${otherUrl}, which this start named, is not used`);
  expect(says(state)).toContain(`Start Perennial with ${url} to go on as before`);
  expect(state.account.server).toBe(url);
  await addSynced(client, "# Written since\n");

  // Where the old one is away, the window says more than that nothing can be reached, signed in or not.
  await world.stopServer();
  await client.kill();
  client.start();
  await client.until("the word 'offline'", ({ sync }) => sync.kind === "offline");
  expect(says(client.state() as AppState)).toContain(`belong to the server ${url}`);
  await client.ask("account:sign-out", undefined);
  await expect(client.ask("account:sign-in", credentials("gardener"))).rejects.toThrow(/cannot be reached/);
  expect(says(client.state() as AppState)).toContain(`belong to the server ${url}`);
  await client.close();

  // As a start without a server of somebody's own would: nobody is made a user of the old one by that.
  await world.startServer();
  client.start({ serverUrl: otherUrl, signsInByItself: true });
  const byItself = await client.until("sign-in", ({ sync }) => sync.kind === "signed-out");
  expect(says(byItself)).toContain("Perennial's own server on this computer");
  await client.close();

  client.start({ serverUrl: `${url}/`, signsInByItself: false });
  await client.until("sign-in", ({ account }) => account.kind === "signed-out");
  await client.ask("account:sign-in", credentials("gardener"));
  await untilWritable(client);
  await untilTexts(client, ["# Kept\n", "# Written since\n"]);
  expect(client.state()?.otherServer).toBeNull();
});

it("is simply taken where the folder has never come to know one", async () => {
  const world = await openWorld();
  const client = world.startClient("laptop", { serverUrl: "http://127.0.0.1:9" });
  await client.until("sign-in", ({ account }) => account.kind === "signed-out");
  await expect(client.ask("account:sign-in", credentials("gardener"))).rejects.toThrow(/cannot be reached/);
  await client.close();
  client.start({ serverUrl: world.server().url });
  await client.until("sign-in", ({ account }) => account.kind === "signed-out");
  await client.ask("account:register", credentials("gardener"));
  await untilWritable(client);
  await addSynced(client, "# First\n");
  expect(client.state()?.otherServer).toBeNull();
});
