/** Reads an upload: whether its progress makes sense, and its changesets in groups that are merged in one go. Pure. */
import { parseChangesetInSlices } from "../changeset";
import type { MergeChangeset } from "../merge";
import type { UploadedChangeset, UploadMessage } from "../protocol/client-messages";
import { errorCodes } from "../protocol/session-error";
import type { ClientFile } from "../storage/storage";
import { Refusal } from "./refusal";
import { pausing, type Sliced } from "./slices";

/** Changesets that share a base. */
export type Group = { readonly baseVersion: number; readonly changesets: MergeChangeset[] };

/** @param sentVersion the newest server version this client can have heard of */
export function progressProblem(
  file: ClientFile,
  message: UploadMessage,
  sentVersion: number,
): string | undefined {
  let clientVersion = 0;
  let serverVersion = 0;
  for (const changeset of message.changesets) {
    if (changeset.clientVersion <= clientVersion) return "client versions do not increase";
    if (changeset.serverVersion < serverVersion) return "server versions decrease";
    if (changeset.originFileIdent !== 0) return "a changeset of another file";
    ({ clientVersion, serverVersion } = changeset);
    const isKnown = clientVersion <= file.uploadClientVersion;
    if (!isKnown && serverVersion < file.uploadServerVersion)
      return "a changeset is based on a forgotten version";
  }
  if (message.progressClientVersion < clientVersion) return "progress is behind its own changesets";
  if (message.progressServerVersion < serverVersion) return "server progress is behind its own changesets";
  if (message.progressServerVersion > sentVersion) return "it is based on a version that was never sent";
  return undefined;
}

/** In their order; changesets that share a base are neighbours. */
export function groupsOf(uploaded: readonly UploadedChangeset[]): UploadedChangeset[][] {
  const groups: UploadedChangeset[][] = [];
  for (const changeset of uploaded) {
    const group = groups.at(-1);
    if (group?.[0]?.serverVersion === changeset.serverVersion) group.push(changeset);
    else groups.push([changeset]);
  }
  return groups;
}

/** @throws Refusal at a changeset that cannot be read */
export function* readGroup(
  fileIdent: number,
  uploaded: readonly UploadedChangeset[],
  perSlice: number,
): Sliced<Group> {
  const changesets: MergeChangeset[] = [];
  for (const { clientVersion, serverVersion, originTimestampMs, bytes } of uploaded) {
    const parsed = yield* pausing(parseChangesetInSlices(bytes, perSlice));
    if (parsed.kind === "malformed") {
      const message = `Upload: changeset cannot be read: ${parsed.message} (at byte ${parsed.offset}).`;
      throw new Refusal({ code: errorCodes.badChangeset, action: "ProtocolViolation", message });
    }
    changesets.push({
      version: clientVersion,
      lastIntegratedRemoteVersion: serverVersion,
      originTimestampMs,
      originFileIdent: fileIdent,
      instructions: parsed.instructions,
    });
  }
  return { baseVersion: uploaded[0]?.serverVersion ?? 0, changesets };
}
