// How the benchmark's other devices open their notes: signed in to the account that all share, subscribed to its notes,
// with all of them there.

import Realm from "realm";
import { noteSchema } from "../../src/main/realm/schema";

export type DeviceRealm = { readonly realm: Realm; readonly userId: string };

/** In `dataDir`, which becomes the working directory. Rejects with what the SDK says. */
export async function openDeviceRealm(
  dataDir: string,
  serverUrl: string,
  appId: string,
  email: string,
  password: string,
): Promise<DeviceRealm> {
  process.chdir(dataDir);
  const app = new Realm.App({ id: appId, baseUrl: serverUrl });
  Realm.App.Sync.setLogLevel(app, "error");
  const user = await app.logIn(Realm.Credentials.emailPassword(email, password));
  const realm = new Realm({ schema: [noteSchema], sync: { user, flexible: true } as never });
  await realm.subscriptions.update((subscriptions) => {
    subscriptions.add(realm.objects("Note").filtered("owner_id == $0", user.id));
  });
  await realm.subscriptions.waitForSynchronization();
  return { realm, userId: user.id };
}
