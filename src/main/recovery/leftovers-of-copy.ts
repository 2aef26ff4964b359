// What a recovery's safety copy holds that no note here has a place for, as its report tells it: each value with the
// note it belongs to. Changes nothing but the file beside the report.

import { rmSync } from "node:fs";
import { type NoteId, titleOf } from "../../shared/note";
import type { RecoveryReport } from "../../shared/recovery/plan-types";
import type { ResetState } from "../../shared/reset-machine";
import { notIn, readLeftovers } from "../realm/leftovers";
import type { NoteRealm } from "../realm/note-realm";
import { backupRealmPath } from "../reset/backup";
import type { Sealing } from "../sealed-file";
import type { LocalSideReader } from "./local-side";
import type { ReportStore } from "./report-store";

type Dependencies = {
  readonly localSide: LocalSideReader;
  readonly realm: NoteRealm;
  readonly reports: ReportStore;
  readonly folders: { readonly backups: string; readonly planFile: string; readonly sealing: Sealing };
};

/** Without what the server has as well; nothing where everything has its place. */
export async function leftoversOf(
  { facts, copy }: Extract<ResetState, { kind: "reporting" }>,
  { localSide, realm, folders, reports }: Dependencies,
): Promise<Pick<RecoveryReport, "leftovers">> {
  const copied = readLeftovers(backupRealmPath(folders.backups, copy.name), folders.sealing);
  if (copied === null) return {};
  const there = withCopyOf(realm, folders.planFile, (path) => readLeftovers(path, folders.sealing));
  const found = notIn(there, copied);
  if (found === null) return {};
  const local = await localSide.read(facts, copy);
  const titleFor = (id: string) =>
    titleOf((local.kind === "ok" ? local.notes.get(id as NoteId)?.text : undefined) ?? "");
  const values = Object.entries(found.fields).flatMap(([id, fields]) =>
    Object.entries(fields).map(([field, value]) => ({
      noteId: id as NoteId,
      title: titleFor(id),
      field,
      value,
    })),
  );
  return {
    leftovers: {
      file: reports.writeLeftovers(facts.resetId, found),
      notes: Object.keys(found.fields).length,
      fields: [...new Set(values.map(({ field }) => field))].sort(),
      classes: Object.keys(found.objects).sort(),
      values,
      objects: Object.entries(found.objects).flatMap(([className, objects]) =>
        objects.map((object) => ({ className, object })),
      ),
    },
  };
}

/** The open realm shows only what this version knows; a copy of it, beside `near`, is read without a schema. */
export function withCopyOf<T>(realm: NoteRealm, near: string, read: (path: string) => T): T {
  const path = `${near}.fields`;
  rmSync(path, { force: true });
  try {
    realm.writeCopyTo(path);
    return read(path);
  } finally {
    rmSync(path, { force: true });
  }
}
