/** The whole server against the unmodified Realm SDK: real processes, real files, nothing simulated. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DrivenClient } from "./testing/driven-client";
import { type Account, noteIdIn, ownNotes, TestBed, until } from "./testing/test-bed";

const bed = new TestBed();
let account: Account;
let a: DrivenClient;
let b: DrivenClient;
let c: DrivenClient;
let garden = 0;

const noteId = (n: number): string => noteIdIn(garden, n);

beforeAll(async () => {
  await bed.startServer();
  [a, b, c] = [bed.client(), bed.client(), bed.client()];
});

afterAll(() => bed.dispose());

beforeEach(async () => {
  garden += 1;
  account = await bed.newAccount(a);
});

afterEach(async () => {
  for (const client of [a, b, c]) await client.close();
});

async function settle(...clients: readonly DrivenClient[]): Promise<void> {
  for (const client of clients) await client.uploaded();
  for (const client of clients) await client.downloaded();
}

/** The clock of changesets counts milliseconds. */
async function untilLater(): Promise<void> {
  const now = Date.now();
  await until(
    async () => Date.now(),
    (later) => later > now + 1,
  );
}

async function expectSame(...clients: readonly DrivenClient[]): Promise<void> {
  const [first, ...others] = await Promise.all(clients.map((client) => client.notes()));
  for (const other of others) expect(other).toEqual(first);
}

describe("signing in", () => {
  it("refuses a wrong password, an unknown account and an e-mail address that is taken", async () => {
    await expect(a.register(bed.url, account.email, "another one")).rejects.toThrow("name already in use");
    const wrong = a.logIn(bed.url, { kind: "password", email: account.email, password: "wrong password" });
    await expect(wrong).rejects.toThrow("invalid username/password");
    const unknown = a.logIn(bed.url, { kind: "password", email: "nobody@example.org", password: "whatever" });
    await expect(unknown).rejects.toThrow("invalid username/password");
    expect(await a.logIn(bed.url, { kind: "password", ...account })).toMatch(/^[0-9a-f]{24}$/);
  });

  it("lets an anonymous user write and read", async () => {
    const userId = await a.logIn(bed.url, { kind: "anonymous" });
    await a.open({ query: ownNotes });
    await a.write({ kind: "create", id: noteId(1), fields: { text: "a seed" } });
    await settle(a);
    expect(await a.notes()).toMatchObject([{ id: noteId(1), text: "a seed", owner: userId }]);
    expect(await a.errors()).toEqual([]);
  });
});

describe("two clients of one user", () => {
  beforeEach(() => Promise.all([bed.open(a, account), bed.open(b, account)]));

  it("see each other's notes, with every field", async () => {
    await a.write({
      kind: "create",
      id: noteId(1),
      fields: {
        text: "Über ❦ \n 𝄞 'quoted'",
        isRoot: true,
        lastUpdatedMs: -1234,
        parentId: noteId(7),
        orderKey: "a0",
        deletedAtMs: 1_700_000_000_123,
      },
    });
    await b.write({ kind: "create", id: noteId(2), fields: { text: "from b" } });
    await settle(a, b);
    await a.downloaded();
    expect(await a.notes()).toMatchObject([
      {
        id: noteId(1),
        text: "Über ❦ \n 𝄞 'quoted'",
        parentId: noteId(7),
        lastUpdatedMs: -1234,
        orderKey: "a0",
      },
      { id: noteId(2), text: "from b" },
    ]);
    await expectSame(a, b);
  });

  it("merge offline edits of different notes and of different fields of one note", async () => {
    await a.write({ kind: "create", id: noteId(1) }, { kind: "create", id: noteId(2) });
    await settle(a, b);
    await Promise.all([a.pause(), b.pause()]);
    await a.write({ kind: "set", id: noteId(1), fields: { text: "a's text" } });
    await b.write({ kind: "set", id: noteId(1), fields: { orderKey: "b's key" } });
    await b.write({ kind: "set", id: noteId(2), fields: { text: "b's note" } });
    await Promise.all([a.resume(), b.resume()]);
    await settle(a, b);
    await a.downloaded();
    expect(await a.notes()).toMatchObject([
      { id: noteId(1), text: "a's text", orderKey: "b's key" },
      { id: noteId(2), text: "b's note" },
    ]);
    await expectSame(a, b);
  });

  it("end with the later of two offline edits of one field", async () => {
    await a.write({ kind: "create", id: noteId(1) });
    await settle(a, b);
    await Promise.all([a.pause(), b.pause()]);
    await a.write({ kind: "set", id: noteId(1), fields: { text: "earlier" } });
    await untilLater();
    await b.write({ kind: "set", id: noteId(1), fields: { text: "later" } });
    await b.resume();
    await b.uploaded();
    await a.resume();
    await settle(a, b);
    expect(await b.notes()).toMatchObject([{ text: "later" }]);
    await expectSame(a, b);
  });

  it("end with a text that was written again as it was, where that was later than another's edit of it", async () => {
    await a.write({ kind: "create", id: noteId(1), fields: { text: "as it was" } });
    await settle(a, b);
    await Promise.all([a.pause(), b.pause()]);
    await a.write({ kind: "set", id: noteId(1), fields: { text: "earlier" } });
    await untilLater();
    await b.write({ kind: "set", id: noteId(1), fields: { text: "as it was" } });
    await a.resume();
    await a.uploaded();
    await b.resume();
    await settle(b, a);
    expect(await a.notes()).toMatchObject([{ text: "as it was" }]);
    await expectSame(a, b);
  });

  it("converge after offline insertions, moves and removals in one list of children", async () => {
    const children = [1, 2, 3, 4].map(noteId);
    await a.write(...children.map((id) => ({ kind: "create", id }) as const), {
      kind: "create",
      id: noteId(10),
      fields: { isRoot: true },
      children,
    });
    await settle(a, b);
    await Promise.all([a.pause(), b.pause()]);
    await a.write(
      { kind: "create", id: noteId(21) },
      { kind: "insertChild", parent: noteId(10), index: 1, child: noteId(21) },
    );
    await a.write({ kind: "moveChild", parent: noteId(10), from: 0, to: 3 });
    await b.write(
      { kind: "create", id: noteId(31) },
      { kind: "create", id: noteId(32) },
      { kind: "insertChild", parent: noteId(10), index: 1, child: noteId(31) },
      { kind: "insertChild", parent: noteId(10), index: 5, child: noteId(32) },
    );
    await b.write({ kind: "removeChild", parent: noteId(10), index: 2 }, { kind: "delete", id: noteId(4) });
    await Promise.all([a.resume(), b.resume()]);
    await settle(a, b);
    await a.downloaded();
    await expectSame(a, b);
    const root = (await a.notes()).find(({ id }) => id === noteId(10));
    expect([...(root?.children ?? [])].sort()).toEqual([1, 3, 21, 31, 32].map(noteId).sort());
    await bed.open(c, account);
    await expectSame(a, b, c);
    expect(await a.errors()).toEqual([]);
    expect(await b.errors()).toEqual([]);
  });

  it("agree that a deleted note is gone, whatever was written to it", async () => {
    await a.write(
      { kind: "create", id: noteId(1) },
      { kind: "create", id: noteId(10), children: [noteId(1)] },
    );
    await settle(a, b);
    await Promise.all([a.pause(), b.pause()]);
    await a.write({ kind: "delete", id: noteId(1) });
    await b.write({ kind: "set", id: noteId(1), fields: { text: "too late" } });
    await Promise.all([a.resume(), b.resume()]);
    await settle(a, b);
    await a.downloaded();
    expect(await a.notes()).toMatchObject([{ id: noteId(10), children: [] }]);
    // Positions still agree, although each client keeps its own account of what the link once pointed to.
    await b.write(
      { kind: "create", id: noteId(2) },
      { kind: "insertChild", parent: noteId(10), index: 0, child: noteId(2) },
    );
    await settle(b, a);
    await expectSame(a, b, await bed.open(c, account));
  });
});

describe("a new client", () => {
  it("is sent thousands of notes, in several messages, completely", async () => {
    await bed.open(a, account);
    for (let i = 0; i < 4; i++) await a.write({ kind: "createMany", count: 500, text: "x".repeat(900) });
    await a.write({ kind: "create", id: noteId(1), fields: { text: "the last one" } });
    await a.uploaded();
    await bed.open(b, account);
    expect(await b.count()).toBe(2001);
    await expectSame(a, b);
    await b.write({ kind: "set", id: noteId(1), fields: { text: "and it can be written to" } });
    await settle(b, a);
    await expectSame(a, b);
  });

  it("that made the same object as another finds both merged, with nothing lost", async () => {
    await bed.open(a, account);
    await a.write(
      { kind: "create", id: noteId(1), fields: { text: "a's child" } },
      { kind: "create", id: noteId(10), fields: { text: "root", isRoot: true }, children: [noteId(1)] },
    );
    await settle(a);
    // B writes before it has seen anything, as an app does that makes its root on first start.
    await b.logIn(bed.url, { kind: "password", ...account });
    await b.open();
    await b.pause();
    await b.subscribeLater(ownNotes);
    await b.write(
      { kind: "create", id: noteId(2), fields: { text: "b's child" } },
      { kind: "create", id: noteId(10), fields: { orderKey: "b", isRoot: true }, children: [noteId(2)] },
    );
    await b.resume();
    await settle(b, a);
    await b.downloaded();
    await expectSame(a, b);
    const root = (await a.notes()).find(({ id }) => id === noteId(10));
    expect(root).toMatchObject({ orderKey: "b", isRoot: true });
    expect([...(root?.children ?? [])].sort()).toEqual([noteId(1), noteId(2)]);
    await b.write(
      { kind: "create", id: noteId(3) },
      { kind: "insertChild", parent: noteId(10), index: 1, child: noteId(3) },
    );
    await settle(b, a);
    await expectSame(a, b);
    expect([...(await a.errors()), ...(await b.errors())]).toEqual([]);
  });
});

describe("queries", () => {
  beforeEach(() => Promise.all([bed.open(a, account), bed.open(b, account)]));

  it("bring notes into sight and out of it, by new queries and by what others write", async () => {
    await a.write(
      { kind: "create", id: noteId(1), fields: { text: "living", orderKey: "a" } },
      { kind: "create", id: noteId(2), fields: { text: "in the trash", deletedAtMs: 1000 } },
    );
    await settle(a, b);
    await b.subscribe("owner_id == $0 AND deletedAt == null");
    expect((await b.notes()).map(({ text }) => text)).toEqual(["living"]);
    await a.write(
      { kind: "set", id: noteId(1), fields: { deletedAtMs: 2000 } },
      { kind: "set", id: noteId(2), fields: { deletedAtMs: null, text: "out of the trash" } },
      { kind: "insertChild", parent: noteId(2), index: 0, child: noteId(1) },
    );
    await settle(a, b);
    expect(await b.notes()).toMatchObject([{ id: noteId(2), text: "out of the trash", children: [] }]);
    await a.write({ kind: "set", id: noteId(1), fields: { deletedAtMs: null } });
    await settle(a, b);
    await expectSame(a, b);
    // B puts a note out of its own sight.
    await b.write({ kind: "set", id: noteId(1), fields: { deletedAtMs: 3000 } });
    await settle(b, a);
    await b.downloaded();
    expect((await b.notes()).map(({ id }) => id)).toEqual([noteId(2)]);
    await b.subscribe(ownNotes);
    await expectSame(a, b);
    expect(await b.errors()).toEqual([]);
  });

  it("keep what a client wrote to a note that meanwhile went out of its sight", async () => {
    await a.write(
      { kind: "create", id: noteId(1), fields: { text: "draft" } },
      { kind: "create", id: noteId(2) },
      { kind: "create", id: noteId(3) },
    );
    await settle(a, b);
    await b.subscribe("owner_id == $0 AND deletedAt == null");
    await b.pause();
    await b.write(
      { kind: "set", id: noteId(1), fields: { text: "written by b" } },
      { kind: "insertChild", parent: noteId(1), index: 0, child: noteId(2) },
    );
    await b.write({ kind: "insertChild", parent: noteId(1), index: 0, child: noteId(3) });
    await a.write(
      { kind: "insertChild", parent: noteId(1), index: 0, child: noteId(3) },
      { kind: "set", id: noteId(1), fields: { deletedAtMs: 5 } },
    );
    await a.uploaded();
    await b.resume();
    await settle(b, a);
    expect((await b.notes()).map(({ id }) => id)).toEqual([noteId(2), noteId(3)]);
    expect((await a.notes())[0]).toMatchObject({ text: "written by b", deletedAtMs: 5 });
    expect((await a.notes())[0]?.children).toHaveLength(3);
    await a.write({ kind: "set", id: noteId(1), fields: { deletedAtMs: null } });
    await settle(a, b);
    await expectSame(a, b);
    expect(await b.errors()).toEqual([]);
  });

  it("that the server does not understand are refused by name, and the former ones stay", async () => {
    await a.write({ kind: "create", id: noteId(1) });
    await settle(a, b);
    // What the SDK makes of the server's words is sometimes garbled: it reads them after it has let go of the message.
    await expect(b.subscribe("owner_id == $0 AND children.@count > 0")).rejects.toThrow();
    // Through a pipe: it may come after the client's answer.
    await until(
      async () => bed.serverLog(),
      (log) => log.includes("only an object's own fields can be queried"),
    );
    await a.write({ kind: "create", id: noteId(2) });
    await settle(a, b);
    expect(await b.count()).toBe(2);
  });
});

describe("writes that are not allowed", () => {
  beforeEach(() => Promise.all([bed.open(a, account), bed.open(b, account)]));

  it("are undone and reported, and everything else goes through", async () => {
    await a.write(
      { kind: "create", id: noteId(1), fields: { text: "mine" } },
      { kind: "create", id: noteId(4) },
    );
    await a.write({ kind: "insertChild", parent: noteId(1), index: 0, child: noteId(4) });
    await settle(a, b);
    await b.write(
      { kind: "create", id: noteId(2), fields: { owner: "somebody-else" } },
      { kind: "create", id: noteId(3), fields: { text: "allowed" } },
      { kind: "set", id: noteId(1), fields: { text: "given away", owner: "somebody-else" } },
      { kind: "removeChild", parent: noteId(1), index: 0 },
    );
    await b.write({ kind: "set", id: noteId(3), fields: { orderKey: "allowed too" } });
    await settle(b, a);
    await until(
      () => b.count(),
      (count) => count === 3,
    );
    expect(await a.notes()).toMatchObject([
      { id: noteId(1), text: "mine", children: [noteId(4)] },
      { id: noteId(3), text: "allowed", orderKey: "allowed too" },
      { id: noteId(4) },
    ]);
    await expectSame(a, b);
    const [error] = await b.untilErrors(1);
    expect(error).toMatchObject({ code: 231, isFatal: false });
    expect(error?.message).toContain("The server undid changes to 2 object(s)");
    // The session goes on.
    await b.write({ kind: "set", id: noteId(1), fields: { text: "still mine" } });
    await settle(b, a);
    await expectSame(a, b);
  });
});

describe("schemas", () => {
  it("that clash with the server's end the session with words, and nothing is changed", async () => {
    await bed.open(a, account);
    await a.write({ kind: "create", id: noteId(1), fields: { text: "as text" } });
    await settle(a);
    await b.logIn(bed.url, { kind: "password", ...account });
    await b.open({ noteText: "int" });
    const [error] = await b.untilErrors(1);
    expect(error).toMatchObject({ code: 225, name: "Error" });
    expect(error?.message).toContain('Property Note.text is "string" on the server, "int" in the app.');
    await a.downloaded();
    expect(await a.notes()).toMatchObject([{ text: "as text" }]);
  });
});
