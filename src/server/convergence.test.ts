/**
 * Random schedules: clients write, send, receive, lose their connection and change their queries in any order, and in
 * the end every one of them holds exactly what the server holds of its view. A seed that fails is printed and repeats.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Instruction, PathElement, Payload, PrimaryKey } from "./changeset";
import { checkStore } from "./check/check-store";
import { createLog } from "./log";
import { defaultValue } from "./object/apply";
import type { Document, Node } from "./object/document";
import { fieldsOfDocument } from "./object/fields";
import type { RulesDocument } from "./rules/rules";
import { putRulesIntoEffect } from "./rules/rules-in-effect";
import type { Schema } from "./schema/schema";
import { SessionHub } from "./session/hub";
import { Session } from "./session/session";
import { Turns } from "./session/turns";
import { openSqliteStorage, type SqliteStorage } from "./storage/sqlite-storage";
import { SyncContext } from "./sync/context";
import { ModelClient } from "./testing/model-client";
import { Random } from "./testing/random";
import { isInView, parseView } from "./view/view";

const classes: readonly Instruction[] = [
  {
    kind: "AddTable",
    table: "Note",
    spec: { kind: "topLevel", pkField: "_id", pkType: "string", pkNullable: false, isAsymmetric: false },
  },
  { kind: "AddTable", table: "Box", spec: { kind: "embedded" } },
  column("Note", "owner_id", { type: "string" }),
  column("Note", "text", { type: "string" }),
  column("Note", "shelf", { type: "int", nullable: true }),
  column("Note", "count", { type: "int" }),
  column("Note", "parent", { type: "link", nullable: true, linkTarget: "Note" }),
  column("Note", "children", { type: "link", collection: "list", linkTarget: "Note" }),
  column("Note", "tags", { type: "string", collection: "set" }),
  column("Note", "labels", { type: "string", nullable: true, collection: "dictionary", keyType: "string" }),
  column("Note", "box", { type: "link", nullable: true, linkTarget: "Box" }),
  column("Note", "boxes", { type: "link", collection: "list", linkTarget: "Box" }),
  column("Box", "label", { type: "string" }),
  column("Box", "numbers", { type: "int", collection: "list" }),
];

type ColumnOptions = Partial<Omit<Extract<Instruction, { kind: "AddColumn" }>, "kind" | "table" | "field">>;

function column(table: string, field: string, options: ColumnOptions): Instruction {
  return {
    kind: "AddColumn",
    table,
    field,
    type: "string",
    nullable: false,
    collection: "single",
    ...options,
  };
}

const queries = [
  "TRUEPREDICATE",
  "shelf == nil",
  "shelf > 1",
  'text BEGINSWITH "a" OR shelf == 2',
  "NOT shelf == 1",
];

type Circumstances = {
  /** How often a device makes an object that others may make as well. */
  readonly sharedKeys: number;
  /** Whose each device is. */
  readonly users: readonly string[];
  readonly rules: RulesDocument;
  /** What the operator may deploy now and then. */
  readonly otherRules?: readonly RulesDocument[];
  readonly steps?: number;
  /** How often a connection breaks just after a new query has gone out, so that its bootstrap does not arrive. */
  readonly brokenBootstraps?: number;
  /** Schedules that once ended in a difference: they are played every time. */
  readonly known?: readonly number[];
  /** Whether uploads are integrated bit by bit, with other things happening in between. */
  readonly isSliced?: boolean;
};

const oneUser = { users: ["gardener", "gardener", "gardener"], rules: { default: "own" } } as const;
const own = "owner_id == %%user.id";

/** What is on shelf 1 is everybody's to see, so objects come into others' sight and go out of it as they are moved. */
const neighbours = (write: string) => ({
  users: ["gardener", "gardener", "neighbour"],
  rules: { classes: { Note: { read: `${own} OR shelf == 1`, write } } },
});

type World = {
  readonly random: Random;
  readonly circumstances: Circumstances;
  readonly storage: SqliteStorage;
  readonly clients: ModelClient[];
  context: SyncContext;
  hub: SessionHub;
  clockMs: number;
  /** What the server has put off. */
  readonly due: (() => void)[];
  /** Clients that began anew, because the rules had changed. */
  resets: number;
};

function newWorld(seed: number, directory: string, circumstances: Circumstances): World {
  // Seeds near the ends of their range come more than once, and each run needs a store of its own.
  const opened = openSqliteStorage(join(mkdtempSync(join(directory, "world-")), "store.sqlite"));
  if (opened.kind !== "ok") throw new Error(opened.message);
  const { storage } = opened;
  putRulesIntoEffect(storage, circumstances.rules, 0);
  for (const id of new Set(circumstances.users)) {
    storage.accounts.putUser({ id, createdAtMs: 1, isDisabled: false, profile: {} });
    storage.accounts.putIdentity({ provider: "anon-user", name: id, userId: id });
  }
  const context = new SyncContext(storage, {
    developmentMode: true,
    // So that even these few objects make bootstraps of several messages, which connections can break in between.
    pieces: {
      messageBytes: seed % 2 === 0 ? 100 : 1000,
      objects: 1 + (seed % 3),
      ...(circumstances.isSliced && { perSlice: 1 + (seed % 2) }),
    },
    nowMs: () => Date.UTC(2015, 0, 1) + world.clockMs,
  });
  const random = new Random(seed);
  const due: (() => void)[] = [];
  const world: World = {
    random,
    circumstances,
    storage,
    context,
    clients: [],
    hub: newHub(due),
    clockMs: 1000,
    due,
    resets: 0,
  };
  for (const userId of circumstances.users) world.clients.push(newClient(world, userId));
  return world;
}

function newHub(due: (() => void)[]): SessionHub {
  return new SessionHub(() => {}, new Turns((resume) => due.push(resume)));
}

function newClient(world: World, userId: string): ModelClient {
  const log = createLog(() => {}, "error");
  return new ModelClient((needsFileIdent, port) => {
    const bind = { kind: "bind", session: 1, path: "", needsFileIdent } as const;
    return new Session(bind, userId, world.context, world.hub, port, log);
  });
}

/** As a running server does it: every session ends, and what it knew of the rules goes with it. */
function deployRules(world: World, rules: RulesDocument): void {
  for (const client of world.clients) client.disconnect();
  putRulesIntoEffect(world.storage, rules, world.clockMs);
  world.context = new SyncContext(world.storage, world.context.options);
  world.hub = newHub(world.due);
}

/** Who was told that his user sees other objects now begins with nothing, as after a client reset. */
function replaceReset(world: World): void {
  for (const [index, client] of world.clients.entries()) {
    if (!client.failures.some((failure) => failure.includes("What this user may see"))) continue;
    world.resets += 1;
    client.disconnect();
    world.clients[index] = newClient(world, world.circumstances.users[index] ?? "");
  }
}

function step(world: World): void {
  const { otherRules } = world.circumstances;
  if (otherRules && world.random.chance(0.06)) deployRules(world, world.random.pick(otherRules) ?? {});
  replaceReset(world);
  const { random, clients } = world;
  while (world.due.length > 0 && random.chance(0.8)) world.due.shift()?.();
  const client = random.pick(clients);
  if (!client) return;
  world.clockMs += random.below(3);
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      if (client.schema.size === 0) {
        client.write(classes, world.clockMs);
        return;
      }
      if (!client.mayWriteTo("Note")) return;
      // Clocks of devices differ.
      client.write(transaction(world, client), world.clockMs + random.below(20));
      return;
    case 4:
    case 5:
      client.send(1 + random.below(4));
      return;
    case 6:
    case 7:
    case 8:
      client.receive();
      return;
    case 9:
      if (!client.isConnected) client.connect();
      else if (random.chance(0.2)) client.disconnect();
      else if (random.chance(0.15)) client.kill(random.chance(0.7));
      return;
    case 10:
      if (client.schema.size > 0 && random.chance(0.3)) client.subscribe(queryBody(random));
      if (random.chance(world.circumstances.brokenBootstraps ?? 0)) breakBootstrap(client);
      return;
    default:
      for (let i = 0; i < 10; i++) client.receive();
  }
}

function breakBootstrap(client: ModelClient): void {
  if (!client.isConnected) client.connect();
  client.send(100);
  client.send(100);
  client.disconnect();
}

function queryBody(random: Random): string {
  return random.chance(0.1) ? "{}" : JSON.stringify({ Note: random.pick(queries) });
}

/** Until nobody has anything left to say. */
function settle(world: World): void {
  for (let round = 0; round < 1000; round++) {
    replaceReset(world);
    for (const client of world.clients) {
      if (!client.isConnected) client.connect();
      client.send(100);
      while (client.hasMail || world.due.length > 0) {
        world.due.shift()?.();
        client.receive();
      }
    }
    const hasFailed = world.clients.some((client) => client.failures.length > 0);
    if (hasFailed && !world.circumstances.otherRules) return;
    if (world.clients.every((client) => client.isSettled)) return;
  }
  throw new Error("the clients did not come to rest");
}

function transaction(world: World, client: ModelClient): Instruction[] {
  const { random } = world;
  const { sharedKeys } = world.circumstances;
  const count = 1 + random.below(3);
  // Each step must see the ones before it, so every transaction edits objects that it does not create or erase twice.
  const instructions: Instruction[] = [];
  const used = new Set<string>();
  for (let i = 0; i < count; i++) {
    const id = someKey(random, client, sharedKeys);
    if (used.has(id)) continue;
    used.add(id);
    instructions.push(...edit(random, client, { kind: "string", value: id }, userOf(world, client)));
  }
  return instructions;
}

function userOf({ circumstances, clients }: World, client: ModelClient): string {
  return circumstances.users[clients.indexOf(client)] ?? "";
}

/** Mostly of an object that is there; a new one is one's own, except for the few that every device makes. */
function someKey(random: Random, client: ModelClient, sharedKeys: number): string {
  if (random.chance(sharedKeys)) return String(random.below(12));
  const known = random.pick(client.objects());
  return known && random.chance(0.8) ? keyText(known.pk) : `own-${random.below(1_000_000_000)}`;
}

function edit(random: Random, client: ModelClient, pk: PrimaryKey, userId: string): Instruction[] {
  const note = client.object("Note", pk);
  const at = (field: string, ...path: PathElement[]) => ({ table: "Note", pk, field, path });
  const set = (value: Payload, field: string, ...path: PathElement[]): Instruction => {
    const list = path.length > 0 && typeof path.at(-1) === "number" ? { priorSize: sizeOf(note, field) } : {};
    return { kind: "Update", ...at(field, ...path), value, isDefault: false, ...list };
  };
  const text = (): Payload => ({
    kind: "string",
    value: `${random.pick(["a", "b", "c"])}${random.below(100)}`,
  });
  const link = (): Payload => ({
    kind: "link",
    table: "Note",
    pk: { kind: "string", value: String(random.below(12)) },
  });
  const int = (limit: number): Payload => ({ kind: "int", value: BigInt(random.below(limit)) });
  if (!note) {
    return [
      { kind: "CreateObject", table: "Note", pk },
      {
        ...(set({ kind: "string", value: "" }, "text") as Extract<Instruction, { kind: "Update" }>),
        isDefault: true,
      },
      set({ kind: "string", value: userId }, "owner_id"),
      ...(random.chance(0.5) ? [set(text(), "text")] : []),
      ...(random.chance(0.3) ? [set(int(4), "shelf")] : []),
    ];
  }
  const children = sizeOf(note, "children");
  const boxes = sizeOf(note, "boxes");
  const box = note.get("box");
  switch (random.below(20)) {
    case 0:
      return [{ kind: "EraseObject", table: "Note", pk }];
    case 1:
    case 2:
      return [set(text(), "text")];
    case 3:
    case 4:
      return [set(random.chance(0.3) ? { kind: "null" } : int(4), "shelf")];
    case 5:
      return [{ kind: "AddInteger", ...at("count"), value: BigInt(random.below(10)) }];
    case 6:
      return [set(random.chance(0.3) ? { kind: "null" } : link(), "parent")];
    case 7:
    case 8:
    case 9:
      return [
        {
          kind: "ArrayInsert",
          ...at("children", random.below(children + 1)),
          value: link(),
          priorSize: children,
        },
      ];
    case 10:
      if (children === 0) return [];
      return [{ kind: "ArrayErase", ...at("children", random.below(children)), priorSize: children }];
    case 11: {
      if (children < 2) return [];
      const from = random.below(children);
      const to = (from + 1 + random.below(children - 1)) % children;
      return [{ kind: "ArrayMove", ...at("children", from), to, priorSize: children }];
    }
    case 12:
      return children === 0 ? [] : [set(link(), "children", random.below(children))];
    case 13:
      return random.chance(0.3) ? [{ kind: "Clear", ...at("children") }] : [];
    case 14:
      return [{ kind: random.chance(0.6) ? "SetInsert" : "SetErase", ...at("tags"), value: text() }];
    case 15:
      return [set(random.chance(0.3) ? { kind: "erased" } : text(), "labels", `key${random.below(3)}`)];
    case 16:
      if (box?.kind !== "embedded") return [set({ kind: "object" }, "box")];
      return random.chance(0.2) ? [set({ kind: "null" }, "box")] : [set(text(), "box", "label")];
    case 17: {
      if (box?.kind !== "embedded") return [];
      const numbers = sizeOf(box.fields, "numbers");
      return [
        {
          kind: "ArrayInsert",
          ...at("box", "numbers", random.below(numbers + 1)),
          value: int(100),
          priorSize: numbers,
        },
      ];
    }
    case 18:
      return [
        {
          kind: "ArrayInsert",
          ...at("boxes", random.below(boxes + 1)),
          value: { kind: "object" },
          priorSize: boxes,
        },
      ];
    default: {
      if (boxes === 0) return [];
      const index = random.below(boxes);
      if (random.chance(0.3)) return [{ kind: "ArrayErase", ...at("boxes", index), priorSize: boxes }];
      return [set(text(), "boxes", index, "label")];
    }
  }
}

function sizeOf(fields: Document | undefined, field: string): number {
  const node = fields?.get(field);
  return node?.kind === "list" ? node.items.length : 0;
}

/** With defaults in place of what was never written, so that two ways to the same state look the same. */
function normalised(
  schema: Schema,
  table: string,
  document: ReadonlyMap<string, Node>,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, spec] of schema.get(table)?.columns ?? []) {
    const node = document.get(name);
    const inner = (value: Node): unknown =>
      value.kind === "embedded" ? normalised(schema, spec.linkTarget ?? "", value.fields) : value;
    switch (spec.collection) {
      case "single":
        fields[name] = inner(node ?? defaultValue(spec));
        break;
      case "list":
        fields[name] = node?.kind === "list" ? node.items.map(inner) : [];
        break;
      case "set":
        fields[name] = node?.kind === "set" ? node.items.map((item) => JSON.stringify(item)).sort() : [];
        break;
      case "dictionary":
        fields[name] = node?.kind === "map" ? [...node.entries].sort(([a], [b]) => (a < b ? -1 : 1)) : [];
    }
  }
  return fields;
}

function keyText(pk: PrimaryKey): string {
  return pk.kind === "string" ? pk.value : pk.kind;
}

function viewOnServer(world: World, userId: string, body: string): Record<string, unknown> {
  const schema = world.storage.schema();
  const parsed = parseView(body, schema, world.context.permissions(userId));
  if (parsed.kind === "bad") throw new Error(parsed.message);
  const objects: Record<string, unknown> = {};
  for (const { pk, document } of world.storage.objects("Note")) {
    const fields = fieldsOfDocument(schema, "Note", document, schema.get("Note")?.columns.keys() ?? []);
    if (isInView(parsed.view, "Note", pk, fields))
      objects[keyText(pk)] = normalised(schema, "Note", document);
  }
  return objects;
}

/** Answers how many clients had to begin anew. */
function run(seed: number, directory: string, circumstances: Circumstances): number {
  const world = newWorld(seed, directory, circumstances);
  try {
    for (let i = 0; i < (circumstances.steps ?? 150); i++) step(world);
    settle(world);
    for (const client of world.clients) expect(client.failures).toEqual([]);
    // One last query for all, the same, so that all must hold the same.
    for (const client of world.clients) {
      if (client.schema.size === 0) client.write(classes, world.clockMs);
      client.subscribe(JSON.stringify({ Note: "TRUEPREDICATE" }));
    }
    const before = world.clients.map((client) => client.objects().length);
    settle(world);
    for (const [index, client] of world.clients.entries()) {
      expect(client.failures).toEqual([]);
      const query = JSON.stringify({ Note: "TRUEPREDICATE" });
      const expected = viewOnServer(world, userOf(world, client), query);
      const objects = client
        .objects()
        .map(({ pk, table, document }) => [keyText(pk), normalised(client.schema, table, document)]);
      expect({ index, before: before[index], objects: Object.fromEntries(objects) }).toEqual({
        index,
        before: before[index],
        objects: expected,
      });
    }
    expect(checkStore(world.storage)).toEqual([]);
    return world.resets;
  } finally {
    world.storage.close();
  }
}

/** More of them find rarer things; this many take a few seconds. */
const numRuns = Number(process.env.CONVERGENCE_RUNS ?? 25);

/** Without runs of one's own the same schedules each time; a campaign plays new ones. */
const seed = process.env.CONVERGENCE_RUNS === undefined ? 1 : Date.now();

it.each<[string, Circumstances]>([
  ["each device makes objects of its own", { ...oneUser, sharedKeys: 0 }],
  ["devices sometimes make the same object", { ...oneUser, sharedKeys: 0.2 }],
  [
    "five devices lose one bootstrap after another",
    {
      rules: { default: "own" },
      users: Array.from({ length: 5 }, () => "gardener"),
      sharedKeys: 0.2,
      steps: 300,
      brokenBootstraps: 0.5,
      known: [
        46771626, 91982040, 255833770, 842441799, 912284217, 1172621475, 1479901065, 1534529507, 2101983653,
      ],
    },
  ],
  [
    "five devices whose uploads are integrated bit by bit",
    {
      rules: { default: "own" },
      users: Array.from({ length: 5 }, () => "gardener"),
      sharedKeys: 0.2,
      steps: 300,
      brokenBootstraps: 0.2,
      isSliced: true,
    },
  ],
  ["a neighbour sees some of it", { ...neighbours(own), sharedKeys: 0 }],
  ["a neighbour sees and writes some of it", { ...neighbours(`${own} OR shelf == 1`), sharedKeys: 0.1 }],
  [
    "who sees what is changed now and then",
    {
      ...neighbours(own),
      sharedKeys: 0,
      otherRules: [
        { default: "own" },
        neighbours(own).rules,
        { default: { read: "shelf == 1 OR owner_id == %%user.id", write: own } },
        { default: "readAll" },
        { default: "shared" },
        { default: { read: own, write: true } },
        { admins: ["neighbour"], default: "own" },
      ],
    },
  ],
])("every client ends with what the server has, whatever the order of events: %s", (_name, circumstances) => {
  const directory = mkdtempSync(join(tmpdir(), "perennial-convergence-"));
  let resets = 0;
  try {
    const seeds = fc.integer({ min: 0, max: 2 ** 31 });
    fc.assert(
      fc.property(seeds, (schedule) => {
        resets += run(schedule, directory, circumstances);
      }),
      { numRuns, seed, examples: (circumstances.known ?? []).map((schedule) => [schedule]) },
    );
    expect(resets > 0).toBe(circumstances.otherRules !== undefined);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
