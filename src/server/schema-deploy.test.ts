/** The schema in the operator's hands, with real clients at work: growing, refusing, changing by force, and locked. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SchemaFile } from "./schema/schema-file";
import type { SubscribedClass } from "./testing/client-commands";
import type { DrivenClient } from "./testing/driven-client";
import { type Account, noteIdIn, ownNotes, TestBed, until } from "./testing/test-bed";

let bed: TestBed;
let account: Account;
let a: DrivenClient;
let b: DrivenClient;

const noteId = (n: number): string => noteIdIn(1, n);

beforeEach(() => {
  bed = new TestBed();
});

afterEach(() => bed.dispose());

async function startWithTwoClients(): Promise<void> {
  await bed.startServer();
  [a, b] = [bed.client(), bed.client()];
  account = await bed.newAccount(a);
  await Promise.all([bed.open(a, account), bed.open(b, account)]);
  await a.uploaded();
}

async function operate(...args: string[]) {
  const { code, stdout, stderr } = await bed.cli(...args, "--data", bed.dataDir, "--json");
  return { code, stderr, answer: JSON.parse(stdout) };
}

async function theSchema(): Promise<SchemaFile> {
  return (await operate("schema", "show")).answer as SchemaFile;
}

async function deploy(schema: unknown, ...options: string[]) {
  const file = join(bed.directory, "schema.json");
  writeFileSync(file, JSON.stringify(schema));
  return operate("schema", "deploy", file, ...options);
}

/** The present schema with other properties for class Note; undefined takes one away. */
async function withNote(properties: Record<string, string | undefined>): Promise<unknown> {
  const { classes } = await theSchema();
  return {
    classes: {
      ...classes,
      Note: { primaryKey: "_id", properties: { ...classes.Note?.properties, ...properties } },
    },
  };
}

async function settle(...clients: DrivenClient[]): Promise<void> {
  for (const client of clients) await client.uploaded();
  for (const client of clients) await client.downloaded();
}

describe("the schema of a client with every type there is", () => {
  const properties: Record<string, string> = { owner_id: "string" };
  for (const type of [
    "int",
    "bool",
    "string",
    "data",
    "date",
    "float",
    "double",
    "decimal128",
    "objectId",
    "uuid",
  ]) {
    for (const [name, suffix] of [
      ["one", ""],
      ["list", "[]"],
      ["set", "<>"],
      ["dictionary", "{}"],
    ] as const) {
      properties[`${type}_${name}`] = `${type}${suffix}`;
      // The SDK's notation has no dictionaries of nullable values.
      if (name !== "dictionary") properties[`${type}_${name}_nullable`] = `${type}?${suffix}`;
    }
  }
  for (const suffix of ["", "[]", "<>", "{}"])
    properties[`mixed_${suffix.length}${suffix.at(0)?.charCodeAt(0)}`] = `mixed${suffix}`;
  const links = { plant: "Plant", plants: "Plant[]", plantSet: "Plant<>", plantBook: "Plant{}" };
  const classes: SubscribedClass[] = [
    { name: "Plant", properties: { ...properties, ...links }, query: "owner_id == $0" },
  ];

  it("is shown as the app wrote it, and deployed elsewhere it is the same to the client", async () => {
    await startWithTwoClients();
    await a.close();
    await a.open({ classes });
    await a.uploaded();
    const shown = await theSchema();
    const { _id, ...rest } = shown.classes.Plant?.properties ?? {};
    expect(rest).toEqual({ ...properties, ...links });

    await bed.dispose();
    bed = new TestBed();
    await bed.startServer("--development-mode", "off");
    expect(await deploy(shown)).toMatchObject({ code: 0, answer: { kind: "ok" } });
    expect(await theSchema()).toEqual(shown);
    const client = bed.client();
    await client.logIn(bed.url, { kind: "anonymous" });
    await client.open({ query: ownNotes, classes });
    await client.write({ kind: "create", id: noteId(1) });
    await client.uploaded();
    expect(await client.errors()).toEqual([]);
    expect((await operate("status")).answer).toMatchObject({ objects: 1 });
  });
});

describe("adding to the schema while clients write", () => {
  it("orphans nothing and loses nothing, neither then nor after minutes of writing", async () => {
    await startWithTwoClients();
    await operate("set", "development-mode", "off");
    await a.write({ kind: "create", id: noteId(0), fields: { isRoot: true } });
    await settle(a, b);
    let made = 0;
    const add = async (client: DrivenClient): Promise<void> => {
      made += 1;
      const id = noteId(made);
      await client.write(
        { kind: "create", id, fields: { text: `note ${made}` } },
        { kind: "insertChild", parent: noteId(0), index: 0, child: id },
      );
    };
    const more = await withNote({ labels: "string[]", colour: "string?" });
    const writing = (async () => {
      for (let i = 0; i < 20; i++) await Promise.all([add(a), add(b)]);
    })();
    expect(await deploy(more)).toMatchObject({
      code: 0,
      answer: {
        value: { added: ["Note.labels: string[]", "Note.colour: string?"], everyClientResets: false },
      },
    });
    await writing;
    await settle(a, b);
    await a.downloaded();
    // An app that knows the new property writes it; to the older ones that is no reason to stumble.
    const newer = bed.client();
    await newer.logIn(bed.url, { kind: "password", ...account });
    await newer.open({ query: ownNotes, moreProperties: { labels: "string[]", colour: "string?" } });
    await newer.write({
      kind: "set",
      id: noteId(1),
      fields: { text: "by the newer app", colour: "red" } as never,
    });
    await Promise.all([add(a), add(b)]);
    await settle(newer, a, b, newer);
    await a.downloaded();
    expect([...(await a.errors()), ...(await b.errors()), ...(await newer.errors())]).toEqual([]);
    const notes = await a.notes();
    expect(await b.notes()).toEqual(notes);
    expect(await newer.notes()).toEqual(notes);
    expect(notes.find(({ id }) => id === noteId(1))?.text).toBe("by the newer app");
    const ids = Array.from({ length: made }, (_, n) => noteId(n + 1)).sort();
    const root = notes.find(({ id }) => id === noteId(0));
    expect([...(root?.children ?? [])].sort()).toEqual(ids);
    expect(made).toBe(42);
    expect((await operate("check")).answer).toEqual({ problems: [] });
  });
});

describe("taking away from the schema", () => {
  beforeEach(async () => {
    await startWithTwoClients();
    await a.write(
      { kind: "create", id: noteId(1), fields: { text: "twelve", orderKey: "a" } },
      { kind: "create", id: noteId(2), fields: { text: "thirteen" }, children: [noteId(1)] },
    );
    await settle(a, b);
  });

  it("is refused with a list of what would be lost, and nobody notices anything", async () => {
    const before = await theSchema();
    const refused = await deploy(await withNote({ text: "int", orderKey: undefined }));
    expect(refused).toMatchObject({
      code: 1,
      answer: {
        kind: "failed",
        losses: [
          "Note.text changes from string to int: 2 value(s) would be lost",
          "Note.orderKey is removed: 1 value(s) would be lost",
        ],
      },
    });
    const { classes } = before;
    const { Note: _, ...others } = classes;
    expect(await deploy({ classes: others })).toMatchObject({
      code: 1,
      answer: { losses: ["class Note is removed: 2 object(s) would be lost"] },
    });
    const forcedDry = await deploy(await withNote({ text: "int" }), "--force", "--dry-run");
    expect(forcedDry).toMatchObject({
      code: 0,
      answer: { value: { isDryRun: true, lostValues: 2, exportedTo: null, everyClientResets: true } },
    });
    expect(await theSchema()).toEqual(before);
    await b.write({ kind: "set", id: noteId(1), fields: { orderKey: "b" } });
    await settle(b, a);
    expect([...(await a.errors()), ...(await b.errors())]).toEqual([]);
    expect((await a.notes())[0]).toMatchObject({ text: "twelve", orderKey: "b" });
  });

  it("by force keeps what fits, exports what does not, and every client starts anew", async () => {
    const wanted = await withNote({ text: "int" });
    const { code, answer } = await deploy(wanted, "--force");
    expect(code).toBe(0);
    const { exportedTo, lostValues, lostObjects } = (
      answer as { value: { exportedTo: string; lostValues: number; lostObjects: number } }
    ).value;
    expect({ lostValues, lostObjects }).toEqual({ lostValues: 2, lostObjects: 0 });
    expect(existsSync(exportedTo)).toBe(true);
    const lines = readFileSync(exportedTo, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      { class: "Note", key: noteId(1), property: "text", value: "twelve" },
      { class: "Note", key: noteId(2), property: "text", value: "thirteen" },
    ]);
    for (const client of [a, b]) {
      const [error] = await client.untilErrors(1);
      expect(error).toMatchObject({ name: "ClientReset", code: 208 });
      expect(error?.message).toMatch(/the schema was changed on .* UTC/);
    }
    expect(await theSchema()).toEqual(wanted);
    expect((await operate("check")).answer).toEqual({ problems: [] });
    await b.exit();
    const again = bed.client(bed.clientDirectory(2));
    await again.logIn(bed.url, { kind: "password", ...account });
    await again.open({ query: ownNotes, noteText: "int" });
    expect(await again.notes()).toMatchObject([
      { id: noteId(1), text: 0, orderKey: "a" },
      { id: noteId(2), text: 0, children: [noteId(1)] },
    ]);
    expect(await again.errors()).toEqual([]);
  });

  it("by force on a store at rest does the same", async () => {
    await bed.killServer();
    const { classes } = await theSchema();
    const Note = {
      primaryKey: "key",
      properties: { ...classes.Note?.properties, _id: undefined, key: "string" },
    };
    const { code, answer } = await deploy({ classes: { ...classes, Note } }, "--force");
    expect({ code, answer }).toMatchObject({ code: 0, answer: { value: { lostValues: 0, lostObjects: 2 } } });
    const { exportedTo } = (answer as { value: { exportedTo: string } }).value;
    const [first] = readFileSync(exportedTo, "utf8").split("\n");
    expect(JSON.parse(first ?? "")).toMatchObject({
      class: "Note",
      key: noteId(1),
      object: { text: "twelve", orderKey: "a", isRoot: false },
    });
    expect((await operate("status")).answer).toMatchObject({ objects: 0, clientFiles: 0 });
  });
});

describe("a schema that only the operator changes", () => {
  it("resets an app with a property it lacks, names it, and takes the app once it was deployed", async () => {
    await startWithTwoClients();
    await a.write({ kind: "create", id: noteId(1), fields: { text: "there before" } });
    await a.uploaded();
    expect(await operate("set", "development-mode", "off")).toMatchObject({ code: 0 });
    const newer = { query: ownNotes, moreProperties: { colour: "string?" } };
    const directory = join(bed.directory, "newer");
    const early = bed.client(directory);
    await early.logIn(bed.url, { kind: "password", ...account });
    const opening = early.open(newer).catch(() => {});
    const [error] = await early.untilErrors(1);
    expect(error).toMatchObject({ name: "ClientReset", code: 225 });
    expect(error?.message).toContain("does not have: Note.colour: string?");
    await early.exit();
    await opening;
    expect(await deploy(await withNote({ colour: "string?" }))).toMatchObject({ code: 0 });
    const late = bed.client(directory);
    await late.logIn(bed.url, { kind: "password", ...account });
    await late.open(newer);
    expect(await late.notes()).toMatchObject([{ text: "there before" }]);
    // Those that had it right all along went on.
    await b.downloaded();
    expect([...(await a.errors()), ...(await b.errors())]).toEqual([]);
  });

  it("answers a query for a class it lacks, or a property of another type, with words", async () => {
    await startWithTwoClients();
    await expect(b.subscribe("owner_id == $0 AND children.text == 'x'")).rejects.toThrow();
    // Through a pipe: it may come after the client's answer.
    await until(
      async () => bed.serverLog(),
      (log) => log.includes("only an object's own fields can be queried"),
    );
  });
});

describe("schema show and deploy", () => {
  it("say what they did not understand, and where", async () => {
    await bed.startServer();
    const bad = await deploy({ classes: { Note: { primaryKey: "_id", properties: { _id: "text" } } } });
    expect(bad).toMatchObject({ code: 1, answer: { kind: "failed" } });
    expect(bad.answer.message).toContain('classes.Note.properties._id: "text" is no type');
    expect(await theSchema()).toEqual({ classes: {} });
    for (const args of [["schema"], ["schema", "drop"], ["schema", "deploy"], ["schema", "show", "--force"]])
      expect((await bed.cli(...args, "--data", bed.dataDir)).code).toBe(2);
    const help = await bed.cli("schema", "deploy", "--help");
    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining("--force") });
    writeFileSync(join(bed.directory, "broken.json"), "{");
    const broken = await operate("schema", "deploy", join(bed.directory, "broken.json"));
    expect(broken).toMatchObject({ code: 1, answer: { kind: "failed" } });
  });
});
