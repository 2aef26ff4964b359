/** One client uploads one huge transaction. While it is integrated, everybody else's connection lives. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { encodeChangeset, type Instruction, type PrimaryKey } from "./changeset";
import { askServer } from "./operator/admin-api";
import type { RunningServer } from "./server";
import { connectRaw, joinWithNewFile, logInRaw, type RawAccount, type RawClient } from "./testing/raw-client";
import { startedServer } from "./testing/started-server";

const objects = Number(process.env.LARGE_UPLOAD_OBJECTS ?? 20_000);
const directory = mkdtempSync(join(tmpdir(), "perennial-large-"));
let server: RunningServer;

beforeAll(async () => {
  server = await startedServer({ dataDir: directory });
});

afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

const spec = {
  kind: "topLevel",
  pkField: "_id",
  pkType: "string",
  pkNullable: false,
  isAsymmetric: false,
} as const;
const text = { type: "string", nullable: false, collection: "single" } as const;
const schema: readonly Instruction[] = [
  { kind: "AddTable", table: "Plant", spec },
  { kind: "AddColumn", table: "Plant", field: "owner_id", ...text },
  { kind: "AddColumn", table: "Plant", field: "name", ...text },
];

function plants(owner: string, prefix: string, count: number): Instruction[] {
  return Array.from({ length: count }, (_, i): Instruction[] => {
    const pk: PrimaryKey = { kind: "string", value: `${prefix}-${i}` };
    const at = { table: "Plant", pk, path: [], isDefault: false } as const;
    return [
      { kind: "CreateObject", table: "Plant", pk },
      { kind: "Update", ...at, field: "owner_id", value: { kind: "string", value: owner } },
      { kind: "Update", ...at, field: "name", value: { kind: "string", value: "leaf ".repeat(60) } },
    ];
  }).flat();
}

/** Joined, with everything of its user subscribed to. */
async function subscriber(): Promise<{ client: RawClient; account: RawAccount }> {
  const account = await logInRaw(server.url);
  const client = await connectRaw(server.url, account);
  await joinWithNewFile(client);
  upload(client, 2, schema);
  await acknowledged(client, 2);
  const query = JSON.stringify({ Plant: "TRUEPREDICATE" });
  client.send(`query 1 1 ${query.length}`, query);
  await client.next("download");
  return { client, account };
}

function upload(client: RawClient, version: number, instructions: readonly Instruction[]): void {
  const bytes = encodeChangeset(instructions);
  const body = Buffer.concat([Buffer.from(`${version} 0 1000 0 ${bytes.length} `), bytes]);
  client.send(`upload 1 0 ${body.length} 0 ${version} 0 0`, body);
}

async function acknowledged(client: RawClient, version: number): Promise<void> {
  for (;;) {
    const { head } = await client.nextOf(["download", "json_error"]);
    if (head[0] === "json_error") throw new Error(head.join(" "));
    if (Number(head[6]) >= version) return;
  }
}

it("does not keep others waiting for a sign of life", { timeout: 300_000 }, async () => {
  const author = await subscriber();
  const other = await subscriber();
  let isIntegrated = false;
  upload(author.client, 3, plants(author.account.userId, "huge", objects));
  const integrated = acknowledged(author.client, 3).then(() => {
    isIntegrated = true;
  });
  let pongs = 0;
  let answers = 0;
  let longestMs = 0;
  while (!isIntegrated) {
    const startedAtMs = performance.now();
    other.client.send(`ping ${pongs} 0`);
    await other.client.next("pong");
    longestMs = Math.max(longestMs, performance.now() - startedAtMs);
    pongs += 1;
    const status = await askServer(directory, { kind: "status" });
    if (status.kind === "ok" && (status.body as { objects: number }).objects === 0) answers += 1;
  }
  await integrated;
  if (process.env.LARGE_UPLOAD_OBJECTS) console.log({ objects, pongs, answers, longestMs });
  // In one piece there would be one of each before it begins, and one after it has ended.
  expect(pongs).toBeGreaterThan(10);
  expect(answers).toBeGreaterThan(10);
});

it("is followed by what others have said meanwhile", { timeout: 300_000 }, async () => {
  const author = await subscriber();
  const other = await subscriber();
  upload(author.client, 3, plants(author.account.userId, "first", objects));
  upload(other.client, 3, plants(other.account.userId, "second", 1));
  await Promise.all([acknowledged(author.client, 3), acknowledged(other.client, 3)]);
  const status = await askServer(directory, { kind: "status" });
  expect(status).toMatchObject({ kind: "ok", body: { objects: 2 * objects + 1 } });
  const checked = await askServer(directory, { kind: "check" });
  expect(checked).toMatchObject({ kind: "ok", body: { problems: [] } });
});
