/** What an upload that was undone must not leave behind: not in the store, and not in the memory of the server. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { encodeChangeset, type Instruction } from "../changeset";
import type { RunningServer } from "../server";
import {
  connectRaw,
  joinWithNewFile,
  logInRaw,
  type RawClient,
  type RawMessage,
} from "../testing/raw-client";
import { startedServer } from "../testing/started-server";

const dataDir = mkdtempSync(join(tmpdir(), "perennial-undone-"));
let server: RunningServer;

beforeAll(async () => {
  server = await startedServer({ dataDir, overrides: { rules: { default: "shared" } } });
});

afterAll(async () => {
  await server.close();
  rmSync(dataDir, { recursive: true });
});

type Joined = { readonly client: RawClient; version: number };

async function joined(): Promise<Joined> {
  const client = await connectRaw(server.url, await logInRaw(server.url));
  const { version } = await joinWithNewFile(client);
  return { client, version };
}

async function subscribed(device: Joined): Promise<Joined> {
  const query = '{"Plant":"TRUEPREDICATE"}';
  device.client.send(`query 1 1 ${query.length}`, query);
  for (let head: readonly string[] = []; head[8] !== "1" || head[9] !== "1"; ) {
    ({ head } = await device.client.next("download"));
    device.version = Number(head[2]);
  }
  return device;
}

function upload(client: RawClient, changesets: readonly [number, number, readonly Instruction[]][]): void {
  const body = Buffer.concat(
    changesets.flatMap(([clientVersion, base, instructions]) => {
      const bytes = encodeChangeset(instructions);
      return [Buffer.from(`${clientVersion} ${base} 1000 0 ${bytes.length} `), bytes];
    }),
  );
  const [clientVersion, base] = changesets.at(-1) ?? [0, 0];
  client.send(`upload 1 0 ${body.length} 0 ${clientVersion} ${base} 0`, body);
}

function contentOf({ head, body }: RawMessage): string {
  return (head[11] === "1" ? inflateSync(body) : body).toString("latin1");
}

const addTable: Instruction = {
  kind: "AddTable",
  table: "Plant",
  spec: { kind: "topLevel", pkField: "_id", pkType: "string", pkNullable: false, isAsymmetric: false },
};

const create = (id: string): Instruction => ({
  kind: "CreateObject",
  table: "Plant",
  pk: { kind: "string", value: id },
});

it("an upload whose second half is refused is not seen by anybody, also not under the version it nearly had", async () => {
  const first = await joined();
  upload(first.client, [[3, first.version, [addTable]]]);
  await first.client.next("download");
  await subscribed(first);
  const watcher = await subscribed(await joined());
  const bad = await subscribed(await joined());
  upload(bad.client, [
    [3, bad.version - 1, [create("never")]],
    // Based on another version: it is merged with what is there, its own first half included.
    [4, bad.version, [{ ...create("never"), table: "Weed" }]],
  ]);
  const { body } = await bad.client.next("json_error");
  expect(JSON.parse(body.toString())).toMatchObject({ action: "ClientReset" });

  upload(first.client, [[4, first.version, [create("tulip")]]]);
  const seen = contentOf(await watcher.client.next("download"));
  expect(seen).toContain("tulip");
  expect(seen).not.toContain("never");
  for (const { client } of [first, watcher, bad]) client.close();
});
