/** Whether a client may have written what it has written to one object. Pure. */
import type { PrimaryKey } from "../changeset";
import type { Fields } from "../storage/storage";
import { isInView, type View } from "../view/view";

export type WrittenObject = {
  readonly table: string;
  readonly pk: PrimaryKey;
  /** All fields before and after; null where the object does not exist. */
  readonly before: Fields | null;
  readonly after: Fields | null;
};

export type Verdict =
  | { readonly kind: "allowed"; readonly leavesSight: boolean }
  | { readonly kind: "refused"; readonly reason: string };

/** @param hasMoved whether it went out of the client's sight, or came into it, while the client edited it */
export function judgeWrite(
  view: View,
  { table, pk, before, after }: WrittenObject,
  hasMoved: boolean,
): Verdict {
  const { permissions } = view;
  for (const fields of [before, after]) {
    if (!fields || permissions.mayWrite(table, pk, fields)) continue;
    const rule = permissions.writeRule(table);
    return refused(
      rule.kind === "ok"
        ? "The rules do not let this user write the object."
        : `The rule of class ${table} does not fit it: ${rule.message}.`,
    );
  }
  const wasIn = isInView(view, table, pk, before);
  const isIn = isInView(view, table, pk, after);
  if (before && !wasIn && !hasMoved) return refused("The object is outside of this device's subscriptions.");
  if (!before && after && !isIn)
    return refused("The new object matches none of this device's subscriptions.");
  return { kind: "allowed", leavesSight: wasIn && after !== null && !isIn };
}

function refused(reason: string): Verdict {
  return { kind: "refused", reason };
}
