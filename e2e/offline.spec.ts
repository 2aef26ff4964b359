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
