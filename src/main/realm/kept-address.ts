// The server's address that Realm has stored in a data folder. Realm takes it from the first log-in and keeps to it,
// whatever address it is given later. Must be read before `new Realm.App` in a process.

import { existsSync } from "node:fs";
import { Realm } from "./realm";
import { describeError } from "./realm-errors";

export type KeptAddress =
  | { readonly kind: "none-yet" }
  /** As the server called itself then: with a public address that is another than the one it was asked at. */
  | { readonly kind: "kept"; readonly url: string }
  | { readonly kind: "unreadable"; readonly message: string };

type AppMetadata = Realm.Object & { hostname: string | null };

export function readKeptAddress(metadataPath: string): KeptAddress {
  if (!existsSync(metadataPath)) return { kind: "none-yet" };
  let realm: Realm | null = null;
  try {
    realm = new Realm({ path: metadataPath, readOnly: true });
    const isThere = realm.schema.some(({ name }) => name === "AppMetadata");
    const [app] = isThere ? [...realm.objects<AppMetadata>("AppMetadata")] : [];
    const url = app?.hostname ?? "";
    return url === "" ? { kind: "none-yet" } : { kind: "kept", url };
  } catch (error) {
    return { kind: "unreadable", message: describeError(error) };
  } finally {
    realm?.close();
  }
}
