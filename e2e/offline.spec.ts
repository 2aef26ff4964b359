import { account, expect, test, untilPhoneHas } from "./support/world";

test("edits made offline are kept and counted, and reach the other device when syncing goes on", async ({
  world,
}) => {
  const server = await world.startServer();
  const { notes } = await world.openApp({ server: server.url });
  await notes.signIn(account.email, account.password, true);
  await notes.writeNote("Plan", "first\nlast");
  const phone = await world.openPhone(server);
  await untilPhoneHas(phone, "Plan", "last");

  await notes.workOffline(true);
  await expect(notes.syncStatus).toContainText(/offline/i);
  await notes.text.press("Control+Home");
  await notes.text.pressSequentially("typed offline\n");
  await expect(notes.syncStatus).toContainText("(1)");

  await notes.workOffline(false);
  await untilPhoneHas(phone, "Plan", "typed offline");
  await notes.untilSynced();
});

test("a server that does not answer is said to be called, not to be away, and writing goes on", async ({
  world,
}) => {
  const server = await world.startServer();
  const { running, notes } = await world.openApp({ server: server.url });
  await notes.signIn(account.email, account.password, true);
  await notes.writeNote("Plan", "first");
  await notes.untilSynced();
  await running.close();
  server.signal("SIGSTOP");
  world.atEnd(async () => server.signal("SIGCONT"));
  const again = (await world.openApp({ server: server.url })).notes;
  await expect(again.syncStatus).toContainText("Connecting… · saved on this computer");
  await again.open("Plan");
  await again.text.press("Control+End");
  await again.text.pressSequentially(", and then");
  await expect(again.syncStatus).toContainText("(1)");
  server.signal("SIGCONT");
  await again.untilSynced();
});
