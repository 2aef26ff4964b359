/**
 * What else the SDK does with a server: several users' sessions on one connection, connections that break again and
 * again, subscriptions that come and go, progress notifications, and the four modes of a client reset.
 */

import type { AddressInfo } from "node:net";
import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { join as joinPath } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AnyEvent, PlainFields, Progress, ResetMode } from "./testing/any-commands";
import { type AnyClient, TestBed } from "./testing/test-bed";

const schema = [
  {
    name: "Plant",
    primaryKey: "_id",
    properties: { _id: "string", owner_id: "string", name: "string", bed: "int" },
  },
  { name: "Stone", primaryKey: "_id", properties: { _id: "string", owner_id: "string", name: "string" } },
];
const own = { Plant: "owner_id == $0", Stone: "owner_id == $0" };

const bed = new TestBed();
let proxy: CuttingProxy;
let userCount = 0;

beforeAll(async () => {
  await bed.startServer();
  proxy = await CuttingProxy.to(bed.url);
  // Clients keep to the address they are told: so that all of it goes through the proxy.
  await bed.killServer();
  await bed.startServer("--public-url", proxy.url);
});

afterAll(async () => {
  await bed.dispose();
  proxy.close();
});

/** Stands between clients and server, and cuts each connection when so many pieces have come from the server. */
class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  cutsAfter = Number.POSITIVE_INFINITY;
  connections = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(url: string): Promise<CuttingProxy> {
    const { hostname, port } = new URL(url);
    const server = createServer();
    const proxy = new CuttingProxy(server);
    server.on("connection", (client) => {
      const upstream = dial(Number(port), hostname);
      let pieces = 0;
      let isUpgraded = false;
      const cut = (): void => {
        client.destroy();
        upstream.destroy();
      };
      for (const socket of [client, upstream]) {
        proxy.#sockets.add(socket);
        socket.on("error", cut).on("close", cut);
      }
      client.on("data", (data) => void upstream.write(data));
      upstream.on("data", (data: Buffer) => {
        if (!isUpgraded && data.includes("101 Switching")) {
          isUpgraded = true;
          proxy.connections += 1;
        } else if (isUpgraded) {
          pieces += 1;
        }
        if (pieces > proxy.cutsAfter) cut();
        else client.write(data);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  close(): void {
    this.cutAll();
    this.#server.close();
  }
}

type Member = { readonly client: AnyClient; readonly user: string; readonly id: string };

async function join(client: AnyClient, user?: string, resetMode?: ResetMode): Promise<Member> {
  userCount += 1;
  const email = user ?? `gardener-${userCount}@example.org`;
  const isNew = user === undefined;
  const id = await client.perform<string>({
    kind: "logIn",
    url: proxy.url,
    email,
    password: "correct horse",
    isNew,
  });
  const member = { client, user: email, id };
  await open(member, resetMode);
  return member;
}

function open({ client, user }: Member, resetMode?: ResetMode): Promise<string> {
  return client.perform({ kind: "open", user, schema, queries: own, ...(resetMode && { resetMode }) });
}

function plant({ client, user, id }: Member, ...names: readonly string[]): Promise<void> {
  return client.perform({
    kind: "create",
    user,
    className: "Plant",
    objects: names.map((name) => ({
      _id: `${user} ${name}`,
      owner_id: id,
      name,
      bed: { number: String(name.length) },
    })),
  });
}

function tell(
  { client, user }: Member,
  kind: "uploaded" | "downloaded" | "pause" | "resume" | "close",
): Promise<void> {
  return client.perform({ kind, user });
}

async function names({ client, user }: Member, className = "Plant"): Promise<unknown[]> {
  const dumped = await client.perform<PlainFields[]>({ kind: "dump", user, className });
  return dumped.map(({ name }) => name);
}

function events({ client, user }: Member): Promise<AnyEvent[]> {
  return client.perform({ kind: "events", user });
}

const many = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}-${String(i).padStart(5, "0")}-${"leaf ".repeat(30)}`);

describe("several realms of one user in one process", () => {
  it("share one connection, through breaks and pauses", async () => {
    const { user, id } = await join(bed.anyClient());
    const client = bed.anyClient();
    await client.perform({ kind: "multiplex", url: proxy.url });
    const before = proxy.connections;
    const members: Member[] = [];
    for (const name of ["first", "second", "third"]) {
      const password = "correct horse";
      await client.perform({ kind: "logIn", url: proxy.url, email: user, password, isNew: false, as: name });
      const path = `${name}.realm`;
      await client.perform({ kind: "open", user: name, schema, queries: own, path });
      members.push({ client, user: name, id });
    }
    expect(proxy.connections).toBe(before + 1);
    const [first, second, third] = members as [Member, Member, Member];
    for (const member of members) await plant(member, "one each");
    for (const member of members) await tell(member, "uploaded");
    await tell(first, "pause");
    proxy.cutAll();
    await plant(first, "written while paused");
    await plant(second, "written after the break");
    await tell(second, "uploaded");
    await tell(first, "resume");
    await tell(first, "uploaded");
    await tell(third, "close");
    for (const member of [first, second]) await tell(member, "downloaded");
    expect(await names(first)).toHaveLength(5);
    expect(await names(second)).toEqual(await names(first));
    for (const member of members) expect(await events(member)).toEqual([]);
  });
});

describe("a connection that breaks after every few pieces from the server", () => {
  it.each([1, 2, 3, 5, 8])("%i: still lets everything through, in both directions", async (pieces) => {
    const writer = await join(bed.anyClient());
    const reader = await join(bed.anyClient(), writer.user);
    await plant(writer, ...many("before", 500));
    proxy.cutsAfter = pieces;
    proxy.cutAll();
    try {
      await plant(writer, ...many("during", 500));
      const retry = setInterval(() => {
        // The SDK waits longer and longer: this makes it try at once.
        for (const member of [writer, reader])
          void tell(member, "pause")
            .then(() => tell(member, "resume"))
            .catch(() => {});
      }, 1500);
      const settled = async (member: Member, what: "uploaded" | "downloaded"): Promise<void> => {
        while (
          !(await tell(member, what).then(
            () => true,
            () => false,
          ))
        );
      };
      await settled(writer, "uploaded");
      proxy.cutsAfter = pieces + 20;
      await settled(reader, "downloaded");
      clearInterval(retry);
    } finally {
      proxy.cutsAfter = Number.POSITIVE_INFINITY;
    }
    for (const member of [writer, reader]) await tell(member, "resume");
    for (const member of [writer, reader]) await tell(member, "downloaded");
    expect(await names(reader)).toHaveLength(1000);
    expect(await names(reader)).toEqual(await names(writer));
    expect([...(await events(writer)), ...(await events(reader))]).toEqual([]);
  });
});

describe("subscriptions", () => {
  it("come, change and go, and are put in place again at the next start", async () => {
    const member = await join(bed.anyClient());
    const { client, user, id } = member;
    await plant(member, "a", "bb", "ccc");
    const stone = { _id: `${user} stone`, owner_id: id, name: "stone" };
    await client.perform({ kind: "create", user, className: "Stone", objects: [stone] });
    await tell(member, "uploaded");
    const ask = (queries: Record<string, string | null>): Promise<void> =>
      client.perform({ kind: "subscribe", user, queries });
    await ask({ Plant: "owner_id == $0 && bed > 1" });
    expect(await names(member)).toEqual(["bb", "ccc"]);
    await ask({ Stone: null });
    expect(await names(member, "Stone")).toEqual([]);
    await ask({ Plant: "owner_id == $0 && bed < 3", Stone: "owner_id == $0" });
    expect([await names(member), await names(member, "Stone")]).toEqual([["a", "bb"], ["stone"]]);
    // Asked while offline, one after the other, none waited for.
    await tell(member, "pause");
    const pending = [1, 2, 3].map((number) => ask({ Plant: `owner_id == $0 && bed == ${number}` }));
    await tell(member, "resume");
    await Promise.all(pending);
    expect(await names(member)).toEqual(["ccc"]);
    await tell(member, "close");
    await open(member);
    expect(await names(member)).toEqual(["a", "bb", "ccc"]);
    expect(await events(member)).toEqual([]);
  });
});

describe("progress notifications", () => {
  const watch = (
    { client, user }: Member,
    direction: "upload" | "download",
    mode: "reportIndefinitely" | "forCurrentlyOutstandingWork",
  ): Promise<void> => client.perform({ kind: "watch", user, direction, mode });
  const watched = ({ client, user }: Member): Promise<Progress> => client.perform({ kind: "watched", user });

  it.each(["reportIndefinitely", "forCurrentlyOutstandingWork"] as const)(
    "%s: reach the end exactly, and what is to be transferred never shrinks",
    async (mode) => {
      const writer = await join(bed.anyClient());
      const reader = await join(bed.anyClient(), writer.user);
      // Others write as well: what never reaches this reader must not count.
      const stranger = await join(bed.anyClient());
      await tell(reader, "pause");
      await watch(writer, "upload", mode);
      for (let i = 0; i < 8; i++) {
        await plant(writer, ...many(`batch-${i}`, 100));
        await plant(stranger, ...many(`other-${i}`, 100));
      }
      await tell(stranger, "uploaded");
      await tell(writer, "uploaded");
      await watch(reader, "download", mode);
      await tell(reader, "resume");
      await tell(reader, "downloaded");
      expect(await names(reader)).toHaveLength(800);
      for (const member of [writer, reader]) {
        const reports = await watched(member);
        expect(reports.length).toBeGreaterThan(0);
        const [transferred, transferable] = reports.at(-1) ?? [];
        expect(transferred).toBeGreaterThan(0);
        if (mode === "reportIndefinitely") expect(transferred).toBe(transferable);
        else expect(transferred).toBeGreaterThanOrEqual(transferable ?? 0);
        for (const [index, [, all]] of reports.entries())
          expect(all).toBeGreaterThanOrEqual(
            mode === "reportIndefinitely" ? (reports[index - 1]?.[1] ?? 0) : 0,
          );
      }
    },
  );
});

describe("a client reset", () => {
  const modes: readonly [ResetMode, readonly string[], boolean][] = [
    ["manual", ["ClientReset"], false],
    ["discardUnsyncedChanges", ["before", "after"], false],
    ["recoverUnsyncedChanges", ["before", "after"], true],
    ["recoverOrDiscardUnsyncedChanges", ["before", "recovery"], true],
  ];

  it.each(modes)("in mode %s, when sync was terminated and enabled again", async (mode, expected, isKept) => {
    const member = await join(bed.anyClient(), undefined, mode);
    await plant(member, "synced");
    await tell(member, "uploaded");
    await tell(member, "pause");
    await plant(member, "not synced");
    expect((await bed.cli("terminate", "--data", bed.dataDir)).code).toBe(0);
    expect((await bed.cli("enable", "--data", bed.dataDir)).code).toBe(0);
    await tell(member, "resume");
    const { client, user } = member;
    await client.perform({ kind: "untilEvent", user, name: expected.at(-1) ?? "" });
    const seen = (await events(member)).map(({ name }) => name);
    expect(seen.filter((name) => name !== "Error")).toEqual(expected);
    if (mode === "manual") return;
    // First a write: this SDK waits for ever for an upload after a reset that left nothing to be uploaded.
    await plant(member, "after the reset");
    await tell(member, "uploaded");
    const kept = isKept ? ["after the reset", "not synced", "synced"] : ["after the reset", "synced"];
    expect(await names(member)).toEqual(kept);
    expect(await names(await join(bed.anyClient(), user))).toEqual(kept);
  });

  // What the SDK itself makes of it: it puts back only what it had not uploaded yet.
  it.each(modes)("in mode %s, when an older backup was restored", async (mode, expected, isKept) => {
    const member = await join(bed.anyClient(), undefined, mode);
    const { client, user } = member;
    await plant(member, "before the backup", "erased after the backup");
    await tell(member, "uploaded");
    const backup = joinPath(bed.directory, `backup-${mode}.sqlite`);
    expect((await bed.cli("backup", backup, "--data", bed.dataDir)).code).toBe(0);
    await plant(member, "after the backup");
    await client.perform({
      kind: "erase",
      user,
      className: "Plant",
      key: `${user} erased after the backup`,
    });
    await tell(member, "uploaded");
    await tell(member, "pause");
    await plant(member, "not synced");
    expect((await bed.cli("restore", backup, "--data", bed.dataDir)).code).toBe(0);
    await tell(member, "resume");
    await client.perform({ kind: "untilEvent", user, name: expected.at(-1) ?? "" });
    const seen = (await events(member)).map(({ name }) => name);
    expect(seen.filter((name) => name !== "Error")).toEqual(expected);
    if (mode === "manual") {
      expect(await names(member)).toEqual(["after the backup", "before the backup", "not synced"]);
      const anew = await join(bed.anyClient(), user);
      expect(await names(anew)).toEqual(["before the backup", "erased after the backup"]);
      return;
    }
    await plant(member, "the reset is over");
    await tell(member, "uploaded");
    const kept = [
      "before the backup",
      "erased after the backup",
      ...(isKept ? ["not synced"] : []),
      "the reset is over",
    ];
    expect(await names(member)).toEqual(kept);
    expect(await names(await join(bed.anyClient(), user))).toEqual(kept);
  });
});
