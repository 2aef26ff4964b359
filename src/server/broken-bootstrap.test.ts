/**
 * A bootstrap that breaks off in the middle, while the process of the client lives on: the client keeps the part it has
 * and appends the next bootstrap to it. What the part says must not outlive what has happened since.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Instruction, Payload, PrimaryKey } from "./changeset";
import { createLog } from "./log";
import { SessionHub } from "./session/hub";
import { Session } from "./session/session";
import { openSqliteStorage, type SqliteStorage } from "./storage/sqlite-storage";
import { SyncContext } from "./sync/context";
import { ModelClient } from "./testing/model-client";

const userId = "gardener";
const key = (id: string): PrimaryKey => ({ kind: "string", value: id });
const text = (value: string): Payload => ({ kind: "string", value });

const column = (
  field: string,
  more: Partial<Extract<Instruction, { kind: "AddColumn" }>> = {},
): Instruction => ({
  kind: "AddColumn",
  table: "Note",
  field,
  type: "string",
  nullable: false,
  collection: "single",
  ...more,
});

const classes: readonly Instruction[] = [
  {
    kind: "AddTable",
    table: "Note",
    spec: { kind: "topLevel", pkField: "_id", pkType: "string", pkNullable: false, isAsymmetric: false },
  },
  column("owner_id"),
  column("shelf"),
  column("tags", { collection: "list" }),
];

let directory: string;
let storage: SqliteStorage;
let author: ModelClient;
let reader: ModelClient;
let clockMs = 1000;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "perennial-broken-bootstrap-"));
  const opened = openSqliteStorage(join(directory, "store.sqlite"));
  if (opened.kind !== "ok") throw new Error(opened.message);
  storage = opened.storage;
  const context = new SyncContext(storage, {
    developmentMode: true,
    // Every object in a message of its own.
    pieces: { messageBytes: 1, objects: 1 },
    nowMs: () => Date.UTC(2015, 0, 1) + clockMs,
  });
  const hub = new SessionHub();
  const log = createLog(() => {}, "error");
  const newClient = (): ModelClient =>
    new ModelClient(
      (needsFileIdent, port) =>
        new Session({ kind: "bind", session: 1, path: "", needsFileIdent }, userId, context, hub, port, log),
    );
  [author, reader] = [newClient(), newClient()];
  author.connect();
  author.write(classes, clockMs);
  settle(author);
  author.subscribe(JSON.stringify({ Note: "TRUEPREDICATE" }));
  settle(author);
  for (const id of ["a", "b", "c", "z"]) put(id, "new", "tag of the start");
  put("old", "old");
  settle(author);
  reader.connect();
  reader.write(classes, clockMs);
  settle(reader);
  ask("old");
  settle(reader);
  expect(held()).toEqual({ old: ["old", []] });
});

afterEach(() => {
  storage.close();
  rmSync(directory, { recursive: true });
});

function put(id: string, shelf: string, ...tags: readonly string[]): void {
  clockMs += 10;
  const at = (field: string) => ({ table: "Note", pk: key(id), field, path: [] });
  author.write(
    [
      { kind: "CreateObject", table: "Note", pk: key(id) },
      { kind: "Update", ...at("owner_id"), value: text(userId), isDefault: false },
      { kind: "Update", ...at("shelf"), value: text(shelf), isDefault: false },
      { kind: "Clear", ...at("tags") },
      ...tags.map(
        (tag, index): Instruction => ({
          kind: "ArrayInsert",
          ...at("tags"),
          path: [index],
          value: text(tag),
          priorSize: index,
        }),
      ),
    ],
    clockMs,
  );
}

function erase(id: string): void {
  clockMs += 10;
  author.write([{ kind: "EraseObject", table: "Note", pk: key(id) }], clockMs);
}

function ask(...shelves: readonly string[]): void {
  reader.subscribe(JSON.stringify({ Note: shelves.map((shelf) => `shelf == "${shelf}"`).join(" OR ") }));
}

function settle(client: ModelClient): void {
  for (let round = 0; round < 100 && !client.isSettled; round++) {
    client.send(100);
    while (client.hasMail) client.receive();
  }
  expect(client.failures).toEqual([]);
  expect(client.isSettled).toBe(true);
}

/** All but the last message of the bootstrap, and then the connection is gone. */
function breakOff(): void {
  reader.send(100);
  // The schema, three notes, and one that goes; the fourth note is in the last message.
  while (reader.keptMessages < 5 && reader.hasMail) reader.receive();
  expect(reader.keptMessages).toBe(5);
  reader.disconnect();
}

function held(): Record<string, unknown> {
  const plain = (payload: unknown): unknown => (payload as { value?: unknown } | undefined)?.value;
  return Object.fromEntries(
    reader.objects().map(({ pk, document }) => {
      const tags = document.get("tags");
      const items = tags?.kind === "list" ? tags.items.map(plain) : [];
      return [pk.kind === "string" ? pk.value : "", [plain(document.get("shelf")), items]];
    }),
  );
}

describe("a part of a bootstrap that broke off", () => {
  it.each([
    ["an object of it was erased since", () => erase("a"), { b: ["new", ["tag of the start"]] }],
    [
      "an object of it left the view since",
      () => put("a", "elsewhere"),
      { b: ["new", ["tag of the start"]] },
    ],
    [
      "a list of it was emptied since",
      () => put("a", "new"),
      { a: ["new", []], b: ["new", ["tag of the start"]] },
    ],
    [
      "an object of it has come into the former view as well",
      () => put("a", "old", "moved"),
      { b: ["new", ["tag of the start"]] },
    ],
  ])("does no harm when %s", (_name, change, expected) => {
    ask("new");
    breakOff();
    change();
    settle(author);
    reader.connect();
    settle(reader);
    expect(held()).toEqual({
      ...expected,
      c: ["new", ["tag of the start"]],
      z: ["new", ["tag of the start"]],
    });
  });

  it("does no harm when what it erased belongs to the new view by now", () => {
    ask("new");
    breakOff();
    put("old", "new", "back again");
    settle(author);
    reader.connect();
    settle(reader);
    expect(held()).toHaveProperty("old", ["new", ["back again"]]);
  });

  it("is answered anew even if the client can no longer ask", () => {
    ask("new", "old");
    reader.send(100);
    // Acknowledged with the history that comes first: the client is past the moment of its query.
    reader.write([{ kind: "Clear", table: "Note", pk: key("old"), field: "tags", path: [] }], clockMs);
    reader.send(100);
    reader.disconnect();
    reader.connect();
    settle(reader);
    expect(Object.keys(held()).sort()).toEqual(["a", "b", "c", "old", "z"]);
  });
});
