// Every object of a realm file with every field it has, as plain JSON values: for an export that leaves nothing out,
// also of fields and classes that this version of the app knows nothing of. Reads only, without a schema of ours.

import type { Plain } from "../../shared/recovery/field-map";
import type { Sealing } from "../sealed-file";
import { plainFields } from "./plain-values";
import { Realm } from "./realm";
import { describeError } from "./realm-errors";

export type RawVisit =
  | { readonly kind: "ok"; readonly schemaVersion: number }
  | { readonly kind: "unreadable"; readonly message: string };

/** Calls `visit` for each object, class by class. Each with its fields as `plainFields` tells them. */
export function visitRawObjects(
  path: string,
  sealing: Sealing,
  visit: (className: string, object: Record<string, Plain>) => void,
): RawVisit {
  let realm: Realm | null = null;
  try {
    realm = new Realm({ path, readOnly: true, ...sealing.realm });
    for (const { name, properties, embedded } of realm.schema) {
      if (embedded) continue;
      for (const object of realm.objects(name).snapshot()) {
        visit(name, plainFields(object, Object.keys(properties)));
      }
    }
    return { kind: "ok", schemaVersion: realm.schemaVersion };
  } catch (error) {
    return { kind: "unreadable", message: describeError(error) };
  } finally {
    realm?.close();
  }
}
