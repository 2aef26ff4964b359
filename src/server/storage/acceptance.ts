/**
 * What any storage must do, call by call. A test file calls this with a way to open one: an empty one, and again what
 * was stored, as after a restart of the process.
 */
import { beforeEach, describe, expect, it } from "vitest";
import type { PrimaryKey } from "../changeset";
import type { Document } from "../object/document";
import { emptySchema, extendSchema, type Schema } from "../schema/schema";
import { acceptAccounts } from "./acceptance-accounts";
import type { ClientFile, HistoryEntry, Storage } from "./storage";

export type StorageUnderTest = {
  /** A new one with nothing in it. */
  readonly open: () => Storage;
  /** Closes a storage and opens it again. */
  readonly reopen: (storage: Storage) => Storage;
  /** A path that `copyTo` may write to, and a way to open what it wrote. */
  readonly newCopyPath: () => string;
  readonly openCopy: (path: string) => Storage;
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

function clientFile(ident: number, more: Partial<ClientFile> = {}): ClientFile {
  return {
    ident,
    salt: 1,
    userId: "u",
    uploadClientVersion: 0,
    uploadServerVersion: 0,
    lastEntryClientVersion: 0,
    confirmedServerVersion: 0,
    views: [],
    lastSeenAtMs: 0,
    ...more,
  };
}

export function acceptStorage(name: string, underTest: StorageUnderTest): void {
  const { open, reopen, newCopyPath, openCopy } = underTest;
  describe(name, () => {
    acceptAccounts(underTest);

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
      const file = clientFile(storage.nextFileIdent(), {
        salt: 2 ** 48 - 2,
        uploadClientVersion: 7,
        uploadServerVersion: 5,
        lastEntryClientVersion: 6,
        confirmedServerVersion: 8,
        views: [
          {
            fromVersion: 1,
            queryVersion: 3,
            queryBody: '{"Plant":"TRUEPREDICATE"}',
            rules: 2,
            follows: ["x"],
          },
        ],
        lastSeenAtMs: 99,
        resetReason: "because",
      });
      const touched = {
        table: "Plant",
        pk,
        before: null,
        after: new Map([["height", { kind: "int", value: 2n ** 62n }] as const]),
        snapshot: new Map([["name", { kind: "string", value: "Fern" }] as const]),
        isLostCreation: true,
      } as const;
      storage.transaction(() => {
        storage.setSetting("colour", "green");
        storage.putClientFile(file);
        storage.appendHistory(entry(2, { touched: [touched], targetFileIdent: 2 }));
        storage.putReciprocal(2, 2, Uint8Array.of(9));
        storage.putObject("Plant", pk, new Map([["name", { kind: "string", value: "Fern" }]]), "u");
        storage.setSchema(plantSchema());
        storage.addQueryableField("Plant", "height", 1);
      });
      storage = reopen(storage);
      expect(storage.setting("colour")).toBe("green");
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

    it("keeps settings by name", () => {
      expect(storage.setting("colour")).toBeUndefined();
      storage.setSetting("colour", "green");
      storage.setSetting("colour", "");
      expect(storage.setting("colour")).toBe("");
      storage.deleteSetting("colour");
      storage.deleteSetting("colour");
      expect(storage.setting("colour")).toBeUndefined();
    });

    it("answers what a transaction answers, and refuses one within another", () => {
      expect(storage.transaction(() => "answer")).toBe("answer");
      expect(() => storage.transaction(() => storage.transaction(() => {}))).toThrow();
      storage.setSetting("colour", "green");
      expect(storage.setting("colour")).toBe("green");
    });

    it("replaces client files, lists them in order, and forgets those of a user with their transforms", () => {
      for (const [ident, userId] of [
        [3, "ada"],
        [2, "bob"],
        [4, "ada"],
      ] as const) {
        storage.putClientFile(clientFile(ident, { userId }));
        storage.putReciprocal(ident, 7, Uint8Array.of(ident));
      }
      const later = clientFile(3, { userId: "ada", uploadClientVersion: 9 });
      storage.putClientFile(later);
      expect([...storage.clientFiles()].map(({ ident }) => ident)).toEqual([2, 3, 4]);
      expect(storage.clientFile(3)).toEqual(later);
      expect(storage.clientFile(5)).toBeUndefined();
      expect(storage.clientFileCount()).toBe(3);
      storage.deleteClientFilesOf("ada");
      expect([...storage.clientFiles()].map(({ ident }) => ident)).toEqual([2]);
      expect([...storage.reciprocals()]).toEqual([{ fileIdent: 2, version: 7, changeset: Uint8Array.of(2) }]);
    });

    it("forgets all client files and transforms at once, but not which idents were given", () => {
      storage.putClientFile(clientFile(storage.nextFileIdent()));
      storage.putReciprocal(2, 7, Uint8Array.of(1));
      storage.deleteAllClientFiles();
      expect(storage.clientFileCount()).toBe(0);
      expect([...storage.reciprocals()]).toEqual([]);
      expect(storage.nextFileIdent()).toBe(3);
    });

    it("undoes everything else in a transaction that throws as well", () => {
      storage.putClientFile(clientFile(2));
      storage.putObject("Plant", pk, new Map(), undefined);
      for (const version of [2, 3]) storage.appendHistory(entry(version));
      const work = (): void => {
        storage.nextFileIdent();
        storage.putClientFile(clientFile(2, { uploadClientVersion: 5 }));
        storage.putClientFile(clientFile(3));
        storage.putReciprocal(2, 3, Uint8Array.of(1));
        storage.deleteObject("Plant", pk);
        storage.trimHistory(3);
        storage.appendHistory(entry(4));
        throw new Error("undo");
      };
      expect(() => storage.transaction(work)).toThrow("undo");
      expect(storage.nextFileIdent()).toBe(2);
      expect([...storage.clientFiles()]).toEqual([clientFile(2)]);
      expect(storage.reciprocal(2, 3)).toBeUndefined();
      expect(storage.object("Plant", pk)).toEqual(new Map());
      expect(storage.historyBase()).toEqual({ version: 0, salt: 0 });
      expect(storage.head()).toEqual({ version: 3, salt: 3000 });
      expect(storage.historyEntry(2)).toEqual(entry(2));
      expect(storage.historyEntry(4)).toBeUndefined();
    });

    it("finds the newest version before a moment, and counts the bytes after a version", () => {
      for (const version of [2, 3, 4]) storage.appendHistory(entry(version));
      expect([0, 20, 21, 1000].map((ms) => storage.newestVersionBefore(ms))).toEqual([undefined, 1, 2, 4]);
      expect([0, 2, 4].map((version) => storage.historyBytesAfter(version))).toEqual([9, 6, 0]);
      expect(storage.versionSalt(99)).toBeUndefined();
      expect(storage.historyEntry(99)).toBeUndefined();
      expect(() => storage.trimHistory(99)).toThrow();
    });

    it("keeps every kind of key and value exactly, and tells keys of different kinds apart", () => {
      const id = "00112233-4455-6677-8899-aabbccddeeff";
      const keys: PrimaryKey[] = [
        { kind: "null" },
        { kind: "string", value: "" },
        { kind: "string", value: "7" },
        { kind: "string", value: "Ärger\u0000 'quoted' \"twice\" 𝄞" },
        { kind: "int", value: 7n },
        { kind: "int", value: -(2n ** 63n) },
        { kind: "objectId", value: "0123456789abcdef01234567" },
        { kind: "uuid", value: id },
      ];
      const document: Document = new Map([
        ["null", { kind: "null" }],
        ["int", { kind: "int", value: 2n ** 63n - 1n }],
        ["bool", { kind: "bool", value: false }],
        ["string", { kind: "string", value: "Ä\u0000𝄞" }],
        ["double", { kind: "double", value: -0 }],
        ["nan", { kind: "double", value: Number.NaN }],
        ["float", { kind: "float", value: Math.fround(0.1) }],
        ["binary", { kind: "binary", bytes: Uint8Array.of(0, 255, 1) }],
        ["timestamp", { kind: "timestamp", seconds: -62135596800n, nanoseconds: -1 }],
        ["decimal", { kind: "decimal128", bytes: new Uint8Array(16).fill(9) }],
        ["link", { kind: "link", table: "Plant", pk: { kind: "uuid", value: id } }],
        ["objectId", { kind: "objectId", value: "0123456789abcdef01234567" }],
        ["uuid", { kind: "uuid", value: id }],
        ["list", { kind: "list", items: [{ kind: "int", value: 1n }, { kind: "null" }] }],
        ["set", { kind: "set", items: [{ kind: "string", value: "x" }] }],
        ["map", { kind: "map", entries: new Map([["__proto__", { kind: "bool", value: true }]]) }],
        ["embedded", { kind: "embedded", fields: new Map([["deep", { kind: "list", items: [] }]]) }],
      ]);
      for (const [index, key] of keys.entries()) {
        storage.putObject(
          "Plant",
          key,
          new Map([["index", { kind: "int", value: BigInt(index) }]]),
          undefined,
        );
      }
      storage.putObject("Everything", pk, document, "ada");
      storage = reopen(storage);
      for (const [index, key] of keys.entries()) {
        const stored = new Map([["index", { kind: "int", value: BigInt(index) }]]);
        expect(storage.object("Plant", key)).toEqual(stored);
      }
      expect(storage.objectCount()).toBe(keys.length + 1);
      expect(storage.object("Everything", pk)).toEqual(document);
    });

    it("lets a class be changed while its objects are listed", () => {
      for (const value of ["a", "b", "c"])
        storage.putObject("Plant", { kind: "string", value }, new Map(), "ada");
      const listed: PrimaryKey[] = [];
      storage.transaction(() => {
        for (const object of storage.objects("Plant")) {
          listed.push(object.pk);
          storage.putObject("Plant", object.pk, new Map([["seen", { kind: "bool", value: true }]]), "bob");
        }
      });
      expect(listed).toHaveLength(3);
      expect([...storage.objects("Plant", "bob")]).toHaveLength(3);
      expect([...storage.objects("Plant", "ada")]).toEqual([]);
    });

    it("puts staged objects all at once, also for a snapshot, and not at all where the transaction is undone", () => {
      const key = (value: string): PrimaryKey => ({ kind: "string", value });
      const named = (name: string): Document => new Map([["name", { kind: "string", value: name }]]);
      const nameOf = ({ document }: { readonly document: Document }): string => {
        const name = document.get("name");
        return name?.kind === "string" ? name.value : "";
      };
      const names = (owner?: string): string[] => [...storage.objects("Plant", owner)].map(nameOf);
      for (const name of ["a", "b", "c"]) storage.putObject("Plant", key(name), named(name), "u");
      const snapshot = storage.openSnapshot();
      const stage = storage.openStage();
      const other = storage.openStage();
      stage.putObject("Plant", key("b"), named("B"), "v");
      stage.putObject("Plant", key("d"), named("d"), "v");
      stage.deleteObject("Plant", key("a"));
      stage.deleteObject("Plant", key("x"));
      other.putObject("Plant", key("e"), named("e"), "v");
      expect(names()).toEqual(["a", "b", "c"]);
      expect(() =>
        storage.transaction(() => {
          stage.apply();
          throw new Error("undone");
        }),
      ).toThrow("undone");
      expect(names()).toEqual(["a", "b", "c"]);
      storage.transaction(() => stage.apply());
      stage.close();
      other.close();
      expect(names()).toEqual(["B", "c", "d"]);
      expect(names("v")).toEqual(["B", "d"]);
      const { objects } = snapshot.page("Plant", { owner: undefined, after: undefined, limit: 10 });
      expect(objects.map(nameOf).sort()).toEqual(["a", "b", "c"]);
      snapshot.close();
      storage = reopen(storage);
      expect(names()).toEqual(["B", "c", "d"]);
    });

    it("shows a snapshot as the objects were, page by page, whatever is written meanwhile", () => {
      const key = (n: number): PrimaryKey => ({ kind: "string", value: String(n).padStart(2, "0") });
      const doc = (text: string): Document => new Map([["text", { kind: "string", value: text }]]);
      const textOf = (document: Document): string => {
        const node = document.get("text");
        return node?.kind === "string" ? node.value : "";
      };
      for (let n = 0; n < 20; n += 2)
        storage.putObject("Plant", key(n), doc(`old ${n}`), n % 4 ? "ada" : "bob");
      const snapshot = storage.openSnapshot();
      const all = (owner: string | undefined, limit: number, between = (): void => {}): string[] => {
        const texts: string[] = [];
        for (let after: string | undefined; ; ) {
          const { objects, next } = snapshot.page("Plant", { owner, after, limit });
          texts.push(...objects.map(({ document }) => textOf(document)));
          if (next === undefined) return texts.sort();
          after = next;
          between();
        }
      };
      const expected = all(undefined, 100);
      expect(expected).toHaveLength(10);
      const own = all("ada", 100);
      expect(own).toHaveLength(5);
      let step = 0;
      const disturb = (): void => {
        storage.transaction(() => {
          // New ones before and behind, changed ones, erased ones, others' owners, and an end to all of them.
          storage.putObject("Plant", key(step), doc(`new ${step}`), "bob");
          storage.putObject("Plant", key(19 - step), doc("newer"), "ada");
          storage.deleteObject("Plant", key((step * 6) % 20));
        });
        step += 1;
      };
      expect(all(undefined, 2, disturb)).toEqual(expected);
      expect(all("ada", 1, disturb)).toEqual(own);
      expect(() =>
        storage.transaction(() => {
          storage.deleteObject("Plant", key(18));
          throw new Error("undo");
        }),
      ).toThrow("undo");
      storage.putObject("Plant", key(18), doc("newest"), "bob");
      for (const limit of [1, 3, 100]) {
        expect(all(undefined, limit)).toEqual(expected);
        expect(all("ada", limit)).toEqual(own);
      }
      const later = storage.openSnapshot();
      expect(later.page("Plant", { owner: undefined, after: undefined, limit: 1000 }).objects).toHaveLength(
        storage.objectCount(),
      );
      snapshot.close();
      later.close();
      storage.deleteObject("Plant", key(18));
    });

    it("keeps queryable fields with the version each has been recorded since", () => {
      storage.addQueryableField("Plant", "height", 1);
      storage.addQueryableField("Plant", "name", 4);
      storage.addQueryableField("Stone", "height", 5);
      const expected = new Map([
        [
          "Plant",
          new Map([
            ["height", 1],
            ["name", 4],
          ]),
        ],
        ["Stone", new Map([["height", 5]])],
      ]);
      expect(storage.queryableFields()).toEqual(expected);
      storage = reopen(storage);
      expect(storage.queryableFields()).toEqual(expected);
      storage.deleteQueryableField("Plant", "height");
      storage.deleteQueryableField("Stone", "height");
      expect(storage.queryableFields()).toEqual(new Map([["Plant", new Map([["name", 4]])]]));
    });

    it("copies itself whole while it is in use, and leaves the copy alone afterwards", () => {
      storage.accounts.putUser({ id: "u", createdAtMs: 1, isDisabled: false, profile: {} });
      storage.putObject("Plant", pk, new Map(), "ada");
      storage.appendHistory(entry(2));
      const path = newCopyPath();
      storage.copyTo(path);
      storage.deleteObject("Plant", pk);
      storage.appendHistory(entry(3));
      expect(() => storage.copyTo(path)).toThrow();
      const copy = openCopy(path);
      expect(copy.accounts.user("u")?.id).toBe("u");
      expect(copy.object("Plant", pk)).toEqual(new Map());
      expect(copy.head()).toEqual({ version: 2, salt: 2000 });
      expect(copy.integrityProblems()).toEqual([]);
    });
  });
}
