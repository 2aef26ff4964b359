/**
 * What becomes of edits whose object moves in and out of the editor's sight while they are on their way. Each was once
 * lost, or went wrong, in a random schedule; here they are step by step.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Instruction, Payload, PrimaryKey } from "../changeset";
import { createLog } from "../log";
import type { Node } from "../object/document";
import { putRulesIntoEffect } from "../rules/rules-in-effect";
import { SessionHub } from "../session/hub";
import { Session } from "../session/session";
import { openSqliteStorage, type SqliteStorage } from "../storage/sqlite-storage";
import { ModelClient } from "../testing/model-client";
import { SyncContext } from "./context";

const userId = "gardener";
const pk: PrimaryKey = { kind: "string", value: "fern" };
const at = { table: "Plant", pk, path: [] } as const;
const create: Instruction = { kind: "CreateObject", table: "Plant", pk };
const set = (field: string, value: Payload): Instruction => ({
  kind: "Update",
  ...at,
  field,
  value,
  isDefault: false,
});
const name = (value: string): Instruction => set("name", { kind: "string", value });
const shelf = (value: bigint): Instruction => set("shelf", { kind: "int", value });
const note = (value: string, index: number): Instruction => ({
  kind: "ArrayInsert",
  ...at,
  field: "journal",
  path: [index],
  priorSize: index,
  value: { kind: "string", value },
});
const column = (field: string, type: "string" | "int", collection: "single" | "list"): Instruction => ({
  kind: "AddColumn",
  table: "Plant",
  field,
  type,
  nullable: false,
  collection,
});
const schema: readonly Instruction[] = [
  {
    kind: "AddTable",
    table: "Plant",
    spec: { kind: "topLevel", pkField: "_id", pkType: "string", pkNullable: false, isAsymmetric: false },
  },
  column("name", "string", "single"),
  column("shelf", "int", "single"),
  column("journal", "string", "list"),
];

let directory: string;
let storage: SqliteStorage;
let clients: ModelClient[];
let clock = 1000;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "perennial-moved-"));
  const opened = openSqliteStorage(join(directory, "store.sqlite"));
  if (opened.kind !== "ok") throw new Error(opened.message);
  storage = opened.storage;
  putRulesIntoEffect(storage, { default: "shared" }, 0);
  storage.accounts.putUser({ id: userId, createdAtMs: 1, isDisabled: false, profile: {} });
  const context = new SyncContext(storage, {
    developmentMode: true,
    nowMs: () => Date.UTC(2015, 0, 1) + clock,
  });
  const hub = new SessionHub();
  const log = createLog(() => {}, "error");
  clients = Array.from(
    { length: 2 },
    () =>
      new ModelClient((needsFileIdent, port) => {
        const bind = { kind: "bind", session: 1, path: "", needsFileIdent } as const;
        return new Session(bind, userId, context, hub, port, log);
      }),
  );
});

afterEach(() => {
  storage.close();
  rmSync(directory, { recursive: true });
});

function write(client: ModelClient, ...instructions: Instruction[]): void {
  clock += 10;
  client.write(instructions, clock);
}

function settle(): void {
  for (let round = 0; round < 20; round++) {
    for (const client of clients) {
      if (!client.isConnected) client.connect();
      client.send(100);
      while (client.hasMail) client.receive();
    }
  }
  for (const client of clients) expect(client.failures).toEqual([]);
}

function both(): [ModelClient, ModelClient] {
  const [a, b] = clients;
  if (!a || !b) throw new Error("there are two clients");
  for (const client of clients) write(client, ...schema);
  settle();
  return [a, b];
}

function textsOf(node: Node | undefined): unknown[] {
  return node?.kind === "list" ? node.items.map((item) => ("value" in item ? item.value : item.kind)) : [];
}

it("an edit that was still to be sent when the editor was told the state again is not undone by that", () => {
  const [a, b] = both();
  for (const client of clients) client.subscribe('{"Plant":"shelf == 1"}');
  settle();
  write(a, create, name("fern"), shelf(1n));
  settle();
  write(b, name("written first"));
  write(b, note("written second", 0));
  write(a, shelf(2n));
  write(a, shelf(1n));
  a.send(100);
  b.send(1);
  b.send(1);
  settle();
  expect(textsOf(storage.object("Plant", pk)?.get("journal"))).toEqual(["written second"]);
  for (const client of [a, b])
    expect(textsOf(client.object("Plant", pk)?.get("journal"))).toEqual(["written second"]);
});

it("an object made again under queries that were lost does not perish with the one before it", () => {
  const [a, b] = both();
  a.subscribe('{"Plant":"TRUEPREDICATE"}');
  settle();
  write(a, create, name("of long ago"), shelf(1n));
  a.send(100);
  b.subscribe('{"Plant":"TRUEPREDICATE"}');
  write(b, create, name("of today"), shelf(1n));
  write(a, { kind: "EraseObject", table: "Plant", pk });
  a.send(100);
  b.send(100);
  b.send(100);
  b.disconnect();
  settle();
  const onServer = storage.object("Plant", pk)?.get("name");
  expect(onServer).toEqual({ kind: "string", value: "of today" });
  for (const client of [a, b]) expect(client.object("Plant", pk)?.get("name")).toEqual(onServer);
});
