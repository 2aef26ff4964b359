/**
 * A full disk, for real: where this process may mount one, a small file system in memory; and in any case a limit on
 * the size of files, which the kernel enforces. The server must live on, say so, and go on when there is room.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { DrivenClient } from "./testing/driven-client";
import { type Account, noteIdIn, TestBed, until } from "./testing/test-bed";

let bed: TestBed;
let account: Account;
let a: DrivenClient;
let b: DrivenClient;
const mounted: string[] = [];

beforeEach(() => {
  bed = new TestBed();
});

afterEach(async () => {
  await bed.killServer();
  for (const path of mounted.splice(0)) execFileSync("umount", [path]);
  await bed.dispose();
});

type Disk = {
  /** Leaves next to nothing. */
  readonly fill: () => void;
  readonly free: () => void;
};

/** Undefined where mounting is not allowed. */
function smallDisk(): Disk | undefined {
  mkdirSync(bed.dataDir);
  const mount = spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", bed.dataDir]);
  if (mount.status !== 0) return undefined;
  mounted.push(bed.dataDir);
  const ballast = join(bed.dataDir, "ballast");
  return {
    fill() {
      for (let size = 4 * 1024 * 1024; size >= 4096; size /= 2) {
        for (let i = 0; tryToWrite(`${ballast}-${size}-${i}`, size); i++);
      }
    },
    free() {
      execFileSync("sh", ["-c", `rm -f ${ballast}-*`]);
    },
  };
}

function tryToWrite(path: string, size: number): boolean {
  try {
    writeFileSync(path, Buffer.alloc(size, 1));
    return true;
  } catch {
    rmSync(path, { force: true });
    return false;
  }
}

/** No file of the server may grow beyond what the largest one has now. */
function limitedFiles(): Disk {
  const limit = (bytes: string): void => {
    execFileSync("prlimit", ["--pid", String(bed.serverPid()), `--fsize=${bytes}`]);
  };
  return {
    fill() {
      const sizes = ["store.sqlite", "store.sqlite-wal"].map(
        (name) => statSync(join(bed.dataDir, name)).size,
      );
      limit(`${Math.max(...sizes) + 8192}:unlimited`);
    },
    free: () => limit("unlimited:unlimited"),
  };
}

async function status(): Promise<{ health: { kind: string }; objects: number; version: number }> {
  const { stdout } = await bed.cli("status", "--data", bed.dataDir, "--json");
  return JSON.parse(stdout) as Awaited<ReturnType<typeof status>>;
}

const noteId = (n: number): string => noteIdIn(1, n);

async function fillsUp(disk: () => Disk): Promise<void> {
  await bed.startServer();
  [a, b] = [bed.client(), bed.client()];
  account = await bed.newAccount(a);
  await Promise.all([bed.open(a, account), bed.open(b, account)]);
  await a.write({ kind: "create", id: noteId(1), fields: { text: "while there is room" } });
  await a.uploaded();
  await b.downloaded();
  await b.pause();
  await a.write({ kind: "create", id: noteId(13), fields: { text: "while b was away" } });
  await a.uploaded();
  const { fill, free } = disk();
  fill();
  const before = await status();
  expect(before.health).toEqual({ kind: "ok" });

  // Much more than what may be left over.
  for (let n = 2; n <= 12; n++) {
    await a.write({ kind: "create", id: noteId(n), fields: { text: `${n} `.repeat(60_000) } });
  }
  const full = await until(status, ({ health }) => health.kind === "full");
  expect(full.objects).toBeLessThan(13);
  // What is there can still be read, by somebody who was away meanwhile as well.
  await b.resume();
  await b.untilCount(full.objects);
  expect((await bed.cli("status", "--data", bed.dataDir)).stdout).toContain("The disk is full");
  expect(bed.serverLog()).toContain('"msg":"disk full"');
  expect(bed.serverLog()).not.toContain("uncaught");
  // Signing in needs room as well, and is refused in words.
  const refused = bed.client().logIn(bed.url, { kind: "anonymous" });
  await expect(refused).rejects.toThrow("cannot store anything at the moment");
  // Nothing is told to the app: its changes are kept and sent again.
  expect(await a.errors()).toEqual([]);

  free();
  await until(status, ({ health }) => health.kind === "ok");
  expect(bed.serverLog()).toContain("there is room on the disk again");
  await a.pause();
  await a.resume();
  await a.uploaded();
  await b.pause();
  await b.resume();
  await b.untilCount(13);
  expect(await b.notes()).toEqual(await a.notes());
  expect([...(await a.errors()), ...(await b.errors())]).toEqual([]);
  expect((await status()).objects).toBe(13);
  expect(JSON.parse((await bed.cli("check", "--data", bed.dataDir, "--json")).stdout)).toEqual({
    problems: [],
  });
}

it("a file system that fills up, or where none may be mounted, files that may not grow", async () => {
  const disk = smallDisk();
  await fillsUp(() => disk ?? limitedFiles());
}, 120_000);

it("files that may not grow", async () => {
  await fillsUp(limitedFiles);
}, 120_000);

it("a server is not started on a full disk, and says why", async () => {
  const program = fileURLToPath(new URL("cli.ts", import.meta.url));
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  // Enough for the first pages of a database, not for the tables.
  const command = `ulimit -f 8; exec "$0" --import "${loader}" "${program}" start --data "${bed.dataDir}" --port 0`;
  const { status: code, stderr } = spawnSync("bash", ["-c", command, process.execPath], { encoding: "utf8" });
  expect(code).toBe(1);
  expect(stderr).toContain("The disk is full");
  expect(stderr).not.toContain("    at ");
});
