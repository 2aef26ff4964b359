/** Many large frames at once: together they take no more memory than they may, and all get through. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { encodeChangeset, type Instruction, type PrimaryKey } from "./changeset";
import { askServer } from "./operator/admin-api";
import type { RunningServer } from "./server";
import type { FrameLoad } from "./session/buffered-frames";
import { connectRaw, frameOf, joinWithNewFile, logInRaw, type RawClient } from "./testing/raw-client";
import { startedServer } from "./testing/started-server";
import { until } from "./testing/test-bed";

const maxBufferedBytes = 1024 * 1024;
const directory = mkdtempSync(join(tmpdir(), "perennial-frames-"));
let server: RunningServer;

beforeAll(async () => {
  server = await startedServer({ dataDir: directory, maxBufferedBytes });
});

afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

async function load(): Promise<FrameLoad> {
  const asked = await askServer(directory, { kind: "status" });
  if (asked.kind !== "ok") throw new Error(asked.kind);
  return (asked.body as { frames: FrameLoad }).frames;
}

async function joined(): Promise<RawClient> {
  const client = await connectRaw(server.url, await logInRaw(server.url));
  await joinWithNewFile(client);
  return client;
}

/** An upload with one object of more than a megabyte, which nobody subscribed to: refused once it has been read. */
function largeUpload(key: string): Buffer {
  const pk: PrimaryKey = { kind: "string", value: key };
  const at = { table: "Plant", pk, path: [] } as const;
  const spec = {
    kind: "topLevel",
    pkField: "_id",
    pkType: "string",
    pkNullable: false,
    isAsymmetric: false,
  } as const;
  const instructions: Instruction[] = [
    { kind: "AddTable", table: "Plant", spec },
    {
      kind: "AddColumn",
      table: "Plant",
      field: "name",
      type: "string",
      nullable: false,
      collection: "single",
    },
    { kind: "CreateObject", table: "Plant", pk },
    {
      kind: "Update",
      ...at,
      field: "name",
      value: { kind: "string", value: "x".repeat(1_200_000) },
      isDefault: false,
    },
  ];
  const bytes = encodeChangeset(instructions);
  const body = Buffer.concat([Buffer.from(`2 0 1000 0 ${bytes.length} `), bytes]);
  return frameOf("binary", Buffer.concat([Buffer.from(`upload 1 0 ${body.length} 0 2 0 0\n`), body]));
}

it("wait for each other, while everybody else is answered", async () => {
  const clients = await Promise.all(
    ["a", "b", "c"].map(async (key) => ({ client: await joined(), frame: largeUpload(key) })),
  );
  const half = 600_000;
  for (const { client, frame } of clients) client.sendBytes(frame.subarray(0, half));
  const crowded = await until(load, ({ held }) => held === 2);
  // One chunk of each at most beyond it.
  expect(crowded.incomingBytes).toBeLessThan(maxBufferedBytes + 3 * 64 * 1024);
  const bystander = await joined();
  bystander.send("ping 5 0");
  expect((await bystander.next("pong")).head).toEqual(["pong", "5"]);
  for (const { client, frame } of clients) client.sendBytes(frame.subarray(half));
  for (const { client } of clients) {
    const { head } = await client.next("json_error");
    expect(head[1]).toBe("231");
    client.close();
  }
  bystander.close();
  expect(await until(load, ({ held, incomingBytes }) => held === 0 && incomingBytes === 0)).toMatchObject({
    cut: 0,
  });
});
