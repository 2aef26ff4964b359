/** What an operator sets: at once on a running server, kept over restarts, shown, and overridden by a start. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DrivenClient } from "./testing/driven-client";
import { type Account, noteIdIn, TestBed } from "./testing/test-bed";

let bed: TestBed;

beforeEach(() => {
  bed = new TestBed();
});

afterEach(() => bed.dispose());

const noteId = (n: number): string => noteIdIn(1, n);

async function operate(...args: string[]) {
  const { code, stdout, stderr } = await bed.cli(...args, "--data", bed.dataDir, "--json");
  return { code, stderr, answer: JSON.parse(stdout.split("\n").at(-1) ?? "") };
}

async function shown() {
  const { answer } = await operate("settings");
  expect((await operate("status")).answer.settings).toEqual(answer);
  return answer as Record<string, { value: unknown; source: string }>;
}

describe("settings", () => {
  const defaults = {
    "max-offline": { value: 90, source: "default" },
    "development-mode": { value: "on", source: "default" },
  };

  it("count at once, last over restarts, and give way to the options of a start until they are set again", async () => {
    await bed.startServer();
    expect(await shown()).toEqual(defaults);
    expect(await operate("set", "max-offline", "7.5")).toMatchObject({
      code: 0,
      stderr: "",
      answer: { name: "max-offline", value: "7.5", forgottenVersions: 0 },
    });
    expect(await operate("set", "development-mode", "off")).toMatchObject({ code: 0 });
    const set = {
      "max-offline": { value: 7.5, source: "set" },
      "development-mode": { value: "off", source: "set" },
    };
    expect(await shown()).toEqual(set);
    await bed.killServer();
    expect(await shown()).toEqual(set);
    await bed.startServer("--max-offline", "0", "--development-mode", "on");
    expect(await shown()).toEqual({
      "max-offline": { value: 0, source: "start option" },
      "development-mode": { value: "on", source: "start option" },
    });
    await operate("set", "max-offline", "30");
    expect(await shown()).toEqual({
      "max-offline": { value: 30, source: "set" },
      "development-mode": { value: "on", source: "start option" },
    });
  });

  it("are shown in words, and refused with what would be right", async () => {
    await bed.startServer();
    const { stdout } = await bed.cli("settings", "--data", bed.dataDir);
    expect(stdout.split("\n")).toEqual(["max-offline is 90 (default)", "development-mode is on (default)"]);
    const said = await bed.cli("set", "development-mode", "off", "--data", bed.dataDir);
    expect(said).toMatchObject({ code: 0, stdout: "development-mode is off now" });
    for (const [args, words] of [
      [["set"], "NAME VALUE"],
      [["set", "max-offline"], "NAME VALUE"],
      [["set", "max-offline", "soon"], "a number of days"],
      [["set", "max-offline", "-1"], ""],
      [["set", "development-mode", "maybe"], "on or off"],
      [["set", "flavour", "sweet"], "there are max-offline and development-mode"],
      [["settings", "all"], "no arguments"],
      [["start", "--development-mode", "perhaps"], "on or off"],
      [["start", "--shared", "--owner-field", "x"], "exclude each other"],
      [["start", "--owner-field", "a b"], "name of a property"],
    ] as const) {
      const result = await bed.cli(...args, "--data", bed.dataDir);
      expect({ args, code: result.code }).toEqual({ args, code: 2 });
      expect(result.stderr).toContain(words);
    }
    for (const command of ["set", "settings", "schema", "rules"]) {
      const help = await bed.cli(command, "--help");
      expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining(`perennial-server ${command}`) });
    }
    const nowhere = await bed.cli("settings", "--data", `${bed.dataDir}-none`, "--json");
    expect(nowhere.code).toBe(1);
    expect(JSON.parse(nowhere.stdout)).toMatchObject({ kind: "failed" });
  });
});

describe("with clients at work", () => {
  let account: Account;
  let a: DrivenClient;
  let b: DrivenClient;

  beforeEach(async () => {
    await bed.startServer();
    [a, b] = [bed.client(), bed.client()];
    account = await bed.newAccount(a);
    await Promise.all([bed.open(a, account), bed.open(b, account)]);
  });

  it("max-offline forgets history at once: who was away resets, who was idle but there does not", async () => {
    const idle = bed.client();
    await bed.open(idle, await bed.newAccount(idle));
    await idle.write({ kind: "create", id: noteId(9) });
    await idle.uploaded();
    await b.pause();
    for (let n = 1; n <= 5; n++) await a.write({ kind: "create", id: noteId(n) });
    await a.uploaded();
    const { answer } = await operate("set", "max-offline", "0.00000001");
    expect(answer.forgottenVersions).toBeGreaterThan(0);
    // Nothing of what was forgotten concerned this client, and it is not to suffer for that.
    await idle.downloaded();
    await idle.write({ kind: "set", id: noteId(9), fields: { text: "still there" } });
    await idle.uploaded();
    await a.write({ kind: "set", id: noteId(1), fields: { text: "so am I" } });
    await a.uploaded();
    expect([...(await idle.errors()), ...(await a.errors())]).toEqual([]);
    await b.resume();
    expect((await b.untilErrors(1))[0]).toMatchObject({ name: "ClientReset", code: 222 });
  });

  it("development-mode off stops new properties from the next upload on, and on lets them in again", async () => {
    await operate("set", "development-mode", "off");
    await a.write({ kind: "create", id: noteId(1) });
    await a.uploaded();
    const open = async (directory: string, property: string) => {
      const client = bed.client(directory);
      await client.logIn(bed.url, { kind: "password", ...account });
      await client.open({ moreProperties: { [property]: "string?" } });
      return client;
    };
    const refused = await open(`${bed.directory}/newer`, "colour");
    expect((await refused.untilErrors(1))[0]).toMatchObject({ name: "ClientReset", code: 225 });
    await operate("set", "development-mode", "on");
    const taken = await open(`${bed.directory}/newest`, "scent");
    await taken.uploaded();
    expect(await taken.errors()).toEqual([]);
    const { answer } = await operate("schema", "show");
    expect(answer.classes.Note.properties).toMatchObject({ scent: "string?" });
    expect(answer.classes.Note.properties).not.toHaveProperty("colour");
    expect(await a.errors()).toEqual([]);
  });
});
