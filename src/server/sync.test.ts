/** The whole server against the unmodified Realm SDK: real processes, real files, nothing simulated. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DrivenClient } from "./testing/driven-client";
import { account, noteId, ownNotes, TestBed, until } from "./testing/test-bed";

let bed: TestBed;

beforeEach(async () => {
  bed = new TestBed();
  await bed.startServer();
});

afterEach(() => bed.dispose());

async function settle(...clients: readonly DrivenClient[]): Promise<void> {
  for (const client of clients) await client.uploaded();
  for (const client of clients) await client.downloaded();
}

async function expectSame(...clients: readonly DrivenClient[]): Promise<void> {
  const [first, ...others] = await Promise.all(clients.map((client) => client.notes()));
  for (const other of others) expect(other).toEqual(first);
}

describe("signing in", () => {
  it("refuses a wrong password, an unknown account and an e-mail address that is taken", async () => {
    const client = bed.client();
    await client.register(bed.url, account.email, account.password);
    await expect(client.register(bed.url, account.email, "another one")).rejects.toThrow(
      "name already in use",
    );
    const wrong = client.logIn(bed.url, {
      kind: "password",
      email: account.email,
      password: "wrong password",
    });
    await expect(wrong).rejects.toThrow("invalid username/password");
    const unknown = client.logIn(bed.url, {
      kind: "password",
      email: "nobody@example.org",
      password: "whatever",
    });
    await expect(unknown).rejects.toThrow("invalid username/password");
    expect(await client.logIn(bed.url, { kind: "password", ...account })).toMatch(/^[0-9a-f]{24}$/);
  });

  it("lets an anonymous user write and read", async () => {
    const client = bed.client();
    const userId = await client.logIn(bed.url, { kind: "anonymous" });
    await client.open({ query: ownNotes });
    await client.write({ kind: "create", id: noteId(1), fields: { text: "a seed" } });
    await settle(client);
    expect(await client.notes()).toMatchObject([{ id: noteId(1), text: "a seed", owner: userId }]);
    expect(await client.errors()).toEqual([]);
  });
});

describe("two clients of one user", () => {
  let a: DrivenClient;
  let b: DrivenClient;

  beforeEach(async () => {
    await bed.register();
    [a, b] = await Promise.all([bed.openClient(), bed.openClient()]);
  });

  it("see each other's notes, with every field", async () => {
    await a.write({
      kind: "create",
      id: noteId(1),
      fields: {
        text: "Über ❦ \n 𝄞 "quoted"",
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
      { id: noteId(1), text: "Über ❦ \n 𝄞 "quoted"", parentId: noteId(7), lastUpdatedMs: -1234, orderKey: "a0" },
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
    // The clock of changesets counts milliseconds.
    const now = Date.now();
    await until(
      async () => Date.now(),
      (later) => later > now + 1,
    );
    await b.write({ kind: "set", id: noteId(1), fields: { text: "later" } });
    await b.resume();
    await b.uploaded();
    await a.resume();
    await settle(a, b);
    expect(await b.notes()).toMatchObject([{ text: "later" }]);
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
    const c = await bed.openClient();
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
    await expectSame(a, b, await bed.openClient());
  });
});
