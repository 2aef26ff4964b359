import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Greeting, SingleInstanceLock } from "./single-instance";

let folder: string;
let greetings: Greeting[];
let locks: SingleInstanceLock[];

const newLock = (): SingleInstanceLock => {
  const lock = new SingleInstanceLock(folder, (greeting) => greetings.push(greeting));
  locks.push(lock);
  return lock;
};
const greeting = (word: string): Greeting => ({
  argv: [word],
  workingDirectory: "/w",
  additionalData: { word },
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stand-in-lock-"));
  greetings = [];
  locks = [];
});

afterEach(() => {
  for (const lock of locks) lock.release();
  rmSync(folder, { recursive: true });
});

test("the first has the lock, and hears everyone who comes later in their order", async () => {
  const first = newLock();
  expect(first.request(greeting("first"))).toBe(true);
  expect(newLock().request(greeting("second"))).toBe(false);
  expect(newLock().request(greeting("third"))).toBe(false);
  await vi.waitFor(() => expect(greetings).toHaveLength(2));
  expect(greetings).toEqual([greeting("second"), greeting("third")]);
  expect(first.request(greeting("first again"))).toBe(true);
});

test("a released lock is there for the next, and nothing is left behind", () => {
  const first = newLock();
  first.request(greeting("first"));
  first.release();
  expect(first.isHeld).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
  expect(newLock().request(greeting("second"))).toBe(true);
});

test("the lock of a process that has died is taken over", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  await once(child, "spawn");
  const startedAt = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19];
  const inbox = join(folder, "inbox-of-the-dead");
  writeFileSync(join(folder, "instance.lock"), JSON.stringify({ pid: child.pid, startedAt, inbox }));
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(newLock().request(greeting("next"))).toBe(true);
  expect(existsSync(inbox)).toBe(false);
});

test("a lock whose process number now belongs to another process is taken over", () => {
  const former = { pid: process.pid, startedAt: "1", inbox: join(folder, "inbox-former") };
  writeFileSync(join(folder, "instance.lock"), JSON.stringify(former));
  expect(newLock().request(greeting("next"))).toBe(true);
});
