/** An entry of the history for one client alone, which tells it how objects really are. Changes nothing on the server. */
import { encodeChangeset, type Instruction, type PrimaryKey } from "../changeset";
import { rebuildObject } from "../object/rebuild";
import { randomSalt } from "../storage/salt";
import type { TouchedEntry } from "../storage/storage";
import { type SyncContext, serverFileIdent } from "./context";

export type ObjectName = { readonly table: string; readonly pk: PrimaryKey };

/**
 * Within a transaction of the storage.
 *
 * @param baseVersion what the client's edits of these objects were based on, if they count; 0 if some of them do not
 */
export function tellAgain(
  context: SyncContext,
  fileIdent: number,
  objects: ReadonlyMap<string, ObjectName>,
  baseVersion: number,
): void {
  if (objects.size === 0) return;
  const { storage } = context;
  const schema = storage.schema();
  const instructions: Instruction[] = [];
  const touched: TouchedEntry[] = [];
  for (const { table, pk } of objects.values()) {
    const document = storage.object(table, pk);
    const fields = document ? context.recordedFields(schema, table, document) : null;
    touched.push({ table, pk, before: fields, after: fields });
    if (document) {
      // One by one: a very long list would exceed the arguments of a call.
      for (const step of rebuildObject(schema, table, pk, document, "all")) instructions.push(step);
    } else {
      instructions.push({ kind: "EraseObject", table, pk });
    }
  }
  storage.appendHistory({
    version: storage.head().version + 1,
    salt: randomSalt(),
    originFileIdent: serverFileIdent,
    originClientVersion: baseVersion,
    originTimestampMs: context.timestampMs(),
    storedAtMs: context.options.nowMs(),
    changeset: encodeChangeset(instructions),
    touched,
    targetFileIdent: fileIdent,
  });
}
