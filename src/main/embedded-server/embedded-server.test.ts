import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type EmbeddedServer, startEmbeddedServer } from "./embedded-server";

const script = join(import.meta.dirname, "..", "..", "..", "out", "node", "server.cjs");

async function start(dataDir: string): Promise<EmbeddedServer> {
  expect(existsSync(script), `${script} is missing: run 'npm run setup' first`).toBe(true);
  const started = await startEmbeddedServer(script, dataDir, "perennial", () => undefined);
  if (started.kind === "failed") throw new Error(started.message);
  return started.server;
}

describe("the embedded sync server", () => {
  it("answers under the same address after every start, because Realm keeps the first one", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "perennial-embedded-"));
    const first = await start(dataDir);
    const location = await fetch(`${first.url}/api/client/v2.0/app/perennial/location`);
    expect(location.status).toBe(200);
    await first.stop();
    await expect(fetch(first.url)).rejects.toThrow();
    const second = await start(dataDir);
    expect(second.url).toBe(first.url);
    await second.stop();
  });

  it("says so when another program has taken its port", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "perennial-embedded-"));
    const first = await start(dataDir);
    await first.stop();
    const { port } = JSON.parse(readFileSync(join(dataDir, "port.json"), "utf8")) as { port: number };
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
    const started = await startEmbeddedServer(script, dataDir, "perennial", () => undefined);
    other.close();
    expect(started).toMatchObject({ kind: "failed", message: expect.stringContaining("port") });
  });
});
