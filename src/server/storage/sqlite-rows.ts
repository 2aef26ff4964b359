/** How the parts of the history and the client files stand in the rows of the SQLite file. */
import {
  documentFromJson,
  documentToJson,
  primaryKeyFromJson,
  primaryKeyToJson,
  type Scalar,
  scalarFromJson,
  scalarToJson,
} from "../object/document";
import type { ClientFile, Fields, HistoryEntry, TouchedEntry, ViewPeriod } from "./storage";

export type ClientFileRow = {
  ident: number;
  salt: number;
  user_id: string;
  upload_client_version: number;
  upload_server_version: number;
  last_entry_client_version: number;
  views: string;
  last_seen_at_ms: number;
  reset_reason: string | null;
  confirmed_server_version: number;
};

export function clientFileOf(row: ClientFileRow): ClientFile {
  return {
    ident: row.ident,
    salt: row.salt,
    userId: row.user_id,
    uploadClientVersion: row.upload_client_version,
    uploadServerVersion: row.upload_server_version,
    lastEntryClientVersion: row.last_entry_client_version,
    confirmedServerVersion: row.confirmed_server_version,
    views: JSON.parse(row.views) as ViewPeriod[],
    lastSeenAtMs: row.last_seen_at_ms,
    ...(row.reset_reason !== null && { resetReason: row.reset_reason }),
  };
}

export type HistoryRow = {
  version: number;
  salt: number;
  origin_file_ident: number;
  origin_client_version: number;
  origin_timestamp_ms: number;
  stored_at_ms: number;
  target_file_ident: number | null;
  size_bytes: number;
  changeset: Uint8Array;
  touched: string;
};

export function historyEntryOf(row: HistoryRow): HistoryEntry {
  return {
    version: row.version,
    salt: row.salt,
    originFileIdent: row.origin_file_ident,
    originClientVersion: row.origin_client_version,
    originTimestampMs: row.origin_timestamp_ms,
    storedAtMs: row.stored_at_ms,
    changeset: row.changeset,
    touched: touchedFromJson(row.touched),
    ...(row.target_file_ident !== null && { targetFileIdent: row.target_file_ident }),
  };
}

type FieldsJson = [string, string][] | null;
type TouchedJson = {
  class: string;
  pk: string;
  before: FieldsJson;
  after: FieldsJson;
  snapshot?: string;
  lost?: true;
};

export function touchedToJson(touched: readonly TouchedEntry[]): string {
  return JSON.stringify(
    touched.map(
      ({ table, pk, before, after, snapshot, isLostCreation }): TouchedJson => ({
        class: table,
        pk: primaryKeyToJson(pk),
        before: fieldsToJson(before),
        after: fieldsToJson(after),
        ...(snapshot && { snapshot: documentToJson(snapshot) }),
        ...(isLostCreation && { lost: true }),
      }),
    ),
  );
}

export function touchedFromJson(json: string): TouchedEntry[] {
  return (JSON.parse(json) as TouchedJson[]).map(({ class: table, pk, before, after, snapshot, lost }) => ({
    table,
    pk: primaryKeyFromJson(pk),
    before: fieldsFromJson(before),
    after: fieldsFromJson(after),
    ...(snapshot !== undefined && { snapshot: documentFromJson(snapshot) }),
    ...(lost && { isLostCreation: true }),
  }));
}

function fieldsToJson(fields: Fields | null): FieldsJson {
  return fields && [...fields].map(([name, value]) => [name, scalarToJson(value)]);
}

function fieldsFromJson(json: FieldsJson): Fields | null {
  return json && new Map<string, Scalar>(json.map(([name, value]) => [name, scalarFromJson(value)]));
}
