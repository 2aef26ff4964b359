/**
 * What any storage must do. A test file calls this with a way to open one; `reopen` must close it and open what was
 * stored, as after a restart of the process.
 */
import { beforeEach, describe, expect, it } from "vitest";
import type { PrimaryKey } from "../changeset";
import { emptySchema, extendSchema, type Schema } from "../schema/schema";
import type { ClientFile, HistoryEntry, Storage } from "./storage";

export type StorageUnderTest = {
  readonly open: () => Storage;
  readonly reopen: (storage: Storage) => Storage;
};

const pk: PrimaryKey = { kind: "string", value: "fern" };

function entry(version: number, more: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    version,
    salt: version * 1000,
    originFileIdent: 2,
    originClientVersion: version + 50,
    originTimestampMs: 5,
    storedAtMs: version * 10,
    changeset: Uint8Array.of(version, 1, 2),
    touched: [],
    ...more,
  };
}

function plantSchema(): Schema {
  const change = extendSchema(emptySchema, {
    kind: "AddTable",
    table: "Plant",
    spec: { kind: "topLevel", pkField: "_id", pkType: "string", pkNullable: false, isAsymmetric: false },
  });
  if (change.kind === "conflict") throw new Error(change.message);
  return change.schema;
}

export function acceptStorage(name: string, { open, reopen }: StorageUnderTest): void {
  describe(name, () => {
    let storage: Storage;

    beforeEach(() => {
      storage = open();
    });

    it("starts with one version that says nothing, and gives file idents from 2 on", () => {
      expect(storage.head().version).toBe(1);
      expect(storage.head().salt).toBeGreaterThan(0);
      expect(storage.historyBase()).toEqual({ version: 0, salt: 0 });
      expect(storage.historyEntry(1)?.changeset.length).toBe(0);
      expect([storage.nextFileIdent(), storage.nextFileIdent()]).toEqual([2, 3]);
      expect(storage.schema()).toEqual(emptySchema);
    });

    it("keeps everything across a restart", () => {
      const file: ClientFile = {
        ident: storage.nextFileIdent(),
        salt: 2 ** 48 - 2,
        userId: "u",
        uploadClientVersion: 7,
        uploadServerVersion: 5,
        lastEntryClientVersion: 6,
        views: [{ fromVersion: 1, queryVersion: 3, queryBody: '{"Plant":"TRUEPREDICATE"}', follows: ["x"] }],
        lastSeenAtMs: 99,
        resetReason: "because",
      };
      const user = {
        id: "u",
        provider: "local-userpass",
        email: "a@b",
        passwordHash: "h",
        createdAtMs: 1,
      } as const;
      const session = { id: "s", userId: "u", deviceId: "d", expiresAtMs: 10 };
      const touched = {
        table: "Plant",
        pk,
        before: null,
        after: new Map([["height", { kind: "int", value: 2n ** 62n }] as const]),
        snapshot: new Map([["name", { kind: "string", value: "Fern" }] as const]),
      };
      storage.transaction(() => {
        storage.setSetting("colour", "green");
        storage.insertUser(user);
        storage.insertLoginSession(session);
        storage.putClientFile(file);
        storage.appendHistory(entry(2, { touched: [touched], targetFileIdent: 2 }));
        storage.putReciprocal(2, 2, Uint8Array.of(9));
        storage.putObject("Plant", pk, new Map([["name", { kind: "string", value: "Fern" }]]), "u");
        storage.setSchema(plantSchema());
        storage.addQueryableField("Plant", "height", 1);
      });
      storage = reopen(storage);
      expect(storage.setting("colour")).toBe("green");
      expect(storage.user("u")).toEqual(user);
      expect(storage.userByEmail("a@b")).toEqual(user);
      expect(storage.loginSession("s")).toEqual(session);
      expect(storage.clientFile(file.ident)).toEqual(file);
      expect(storage.head()).toEqual({ version: 2, salt: 2000 });
      expect(storage.historyEntry(2)).toEqual(entry(2, { touched: [touched], targetFileIdent: 2 }));
      expect(storage.reciprocal(2, 2)).toEqual(Uint8Array.of(9));
      expect(storage.object("Plant", pk)).toEqual(new Map([["name", { kind: "string", value: "Fern" }]]));
      expect(storage.schema()).toEqual(plantSchema());
      expect(storage.queryableFields()).toEqual(new Map([["Plant", new Map([["height", 1]])]]));
      expect(storage.nextFileIdent()).toBe(3);
      expect(storage.integrityProblems()).toEqual([]);
    });

    it("undoes a transaction that throws, in what it says as well as in what it stored", () => {
      const work = (): void => {
        storage.appendHistory(entry(2));
        storage.setSchema(plantSchema());
        storage.addQueryableField("Plant", "height", 1);
        storage.setSetting("colour", "green");
        storage.putObject("Plant", pk, new Map(), undefined);
        expect(storage.head().version).toBe(2);
        throw new Error("undo");
      };
      expect(() => storage.transaction(work)).toThrow("undo");
      const expectUndone = (): void => {
        expect(storage.head().version).toBe(1);
        expect(storage.schema()).toEqual(emptySchema);
        expect(storage.queryableFields()).toEqual(new Map());
        expect(storage.setting("colour")).toBeUndefined();
        expect(storage.object("Plant", pk)).toBeUndefined();
      };
      expectUndone();
      storage = reopen(storage);
      expectUndone();
      storage.transaction(() => storage.appendHistory(entry(2)));
      expect(storage.head().version).toBe(2);
    });

    it("takes history entries in order only", () => {
      expect(() => storage.appendHistory(entry(3))).toThrow();
      storage.appendHistory(entry(2));
      expect(() => storage.appendHistory(entry(2))).toThrow();
      expect(storage.historyBytesAfter(1)).toBe(3);
      expect(storage.historyBytesAfter(2)).toBe(0);
    });

    it("forgets trimmed history, but not the salt of the last version that it forgot", () => {
      for (const version of [2, 3, 4]) storage.appendHistory(entry(version));
      storage.putReciprocal(5, 3, Uint8Array.of(1));
      storage.putReciprocal(5, 4, Uint8Array.of(2));
      expect(storage.newestVersionBefore(40)).toBe(3);
      storage.trimHistory(3);
      expect(storage.historyBase()).toEqual({ version: 3, salt: 3000 });
      expect([2, 3, 4].map((version) => storage.versionSalt(version))).toEqual([undefined, 3000, 4000]);
      expect(storage.historyEntry(3)).toBeUndefined();
      expect([3, 4].map((version) => storage.reciprocal(5, version))).toEqual([undefined, Uint8Array.of(2)]);
      storage.trimHistory(4);
      expect(storage.head()).toEqual({ version: 4, salt: 4000 });
      storage.appendHistory(entry(5));
      expect(storage.head().version).toBe(5);
    });

    it("keeps the transforms of different client files apart", () => {
      storage.putReciprocal(2, 10, Uint8Array.of(1));
      storage.putReciprocal(3, 10, Uint8Array.of(2));
      storage.putReciprocal(2, 11, Uint8Array.of(3));
      storage.putReciprocal(2, 11, Uint8Array.of(4));
      storage.deleteReciprocals(2, 10);
      expect(storage.reciprocal(2, 10)).toBeUndefined();
      expect(storage.reciprocal(2, 11)).toEqual(Uint8Array.of(4));
      expect(storage.reciprocal(3, 10)).toEqual(Uint8Array.of(2));
    });

    it("lists objects by class and by owner, and forgets deleted ones", () => {
      const key = (value: string): PrimaryKey => ({ kind: "string", value });
      storage.putObject("Plant", key("b"), new Map(), "ada");
      storage.putObject("Plant", key("a"), new Map(), "bob");
      storage.putObject("Plant", key("c"), new Map(), "bob");
      storage.putObject("Stone", key("a"), new Map(), "bob");
      storage.putObject("Plant", key("b"), new Map(), "bob");
      storage.deleteObject("Plant", key("c"));
      const keys = (owner?: string): PrimaryKey[] =>
        [...storage.objects("Plant", owner)].map((object) => object.pk);
      expect(keys()).toEqual([key("a"), key("b")]);
      expect(keys("bob")).toEqual([key("a"), key("b")]);
      expect(keys("ada")).toEqual([]);
      expect(storage.objectCount()).toBe(3);
    });

    it("forgets log-ins that are over, and all client files at once", () => {
      storage.insertLoginSession({ id: "old", userId: "u", deviceId: "d", expiresAtMs: 10 });
      storage.insertLoginSession({ id: "new", userId: "u", deviceId: "d", expiresAtMs: 20 });
      storage.insertLoginSession({ id: "out", userId: "u", deviceId: "d", expiresAtMs: 20 });
      storage.deleteLoginSession("out");
      storage.deleteLoginSessionsExpiredBy(10);
      expect(["old", "new", "out"].map((id) => storage.loginSession(id)?.id)).toEqual([
        undefined,
        "new",
        undefined,
      ]);
      const file = {
        salt: 1,
        userId: "u",
        uploadClientVersion: 0,
        uploadServerVersion: 0,
        lastEntryClientVersion: 0,
      };
      storage.putClientFile({ ...file, ident: storage.nextFileIdent(), views: [], lastSeenAtMs: 0 });
      expect(storage.clientFileCount()).toBe(1);
      storage.deleteAllClientFiles();
      expect(storage.clientFileCount()).toBe(0);
      expect(storage.nextFileIdent()).toBe(3);
    });
  });
}
