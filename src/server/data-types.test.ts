/**
 * Every type the SDK has, alone, nullable, and in lists, sets and dictionaries, with its extreme values: written by one
 * client, and read by one that is there, by one that comes later, and by one after a restart of the server.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Plain, PlainFields, Step } from "./testing/any-commands";
import { type AnyClient, TestBed } from "./testing/test-bed";

const number = (value: number): Plain => ({ number: Object.is(value, -0) ? "-0" : String(value) });
const uuid = (digit: string): Plain => ({ uuid: `${digit.repeat(8)}-1111-4111-8111-111111111111` });

/**
 * At least two values of each type, all different. Texts with a zero character, empty data in collections, NaN and
 * integers beyond 53 bits cannot be written with this SDK from JavaScript; what the server does with them is tested on changesets.
 */
const valuesOf: Readonly<Record<string, readonly Plain[]>> = {
  int: [0, -1, 63, 64, 2 ** 31, -(2 ** 53) + 1, 2 ** 53 - 1].map(number),
  float: [0.5, -0, 3.4028234663852886e38, 1.401298464324817e-45, Infinity, -Infinity].map(number),
  double: [0.1, -0, Number.MAX_VALUE, Number.MIN_VALUE, Infinity, -Infinity].map(number),
  bool: [true, false],
  string: ["plain", "", "Ä❦𝄞 \n'\"", "long ".repeat(30_000)],
  data: [
    { data: "AA==" },
    { data: "AP8BfwA=" },
    { data: Buffer.alloc(1_200_000, "any bytes \u0000").toString("base64") },
  ],
  date: [0, -1, 1, -62_135_596_800_000, 253_402_300_799_999].map((date) => ({ date })),
  objectId: [{ objectId: "0".repeat(24) }, { objectId: "0123456789abcdef01234567" }],
  uuid: [
    uuid("a"),
    { uuid: "00000000-0000-0000-0000-000000000000" },
    { uuid: "ffffffff-ffff-ffff-ffff-ffffffffffff" },
  ],
  decimal128: [
    "0",
    "-0",
    "1.10",
    "-9.999999999999999999999999999999999E+6144",
    "1E-6176",
    "Infinity",
    "-Infinity",
    "NaN",
  ].map((decimal) => ({ decimal })),
  mixed: [
    true,
    "mixed",
    "",
    number(1),
    number(1.5),
    { data: "AQI=" },
    { date: 1_700_000_000_123 },
    { objectId: "0123456789abcdef01234567" },
    uuid("b"),
    { decimal: "2.50" },
  ],
};

/** Members of a set must differ: which numbers are the same, and whether NaN is, is another test's business. */
function members(type: string): readonly Plain[] {
  const isPlain = (value: Plain): boolean => !/"(-0|NaN)"/.test(JSON.stringify(value));
  return (valuesOf[type] ?? []).filter(isPlain);
}

const isNullable = (type: string): boolean => type !== "mixed";

function propertiesOf(type: string): Record<string, unknown> {
  return {
    one: type === "mixed" ? "mixed?" : type,
    list: `${type}[]`,
    set: `${type}<>`,
    dictionary: `${type}{}`,
    ...(isNullable(type) && {
      oneOrNull: `${type}?`,
      listOrNull: { type: "list", objectType: type, optional: true },
      setOrNull: { type: "set", objectType: type, optional: true },
      dictionaryOrNull: { type: "dictionary", objectType: type, optional: true },
    }),
  };
}

const classes = Object.keys(valuesOf).map((type) => ({
  name: `Of_${type}`,
  primaryKey: "_id",
  properties: { _id: "string", owner_id: "string", ...propertiesOf(type) },
}));

const things = [
  {
    name: "Thing",
    primaryKey: "_id",
    properties: {
      _id: "int",
      owner_id: "string",
      link: "Thing",
      links: "Thing[]",
      linkSet: "Thing<>",
      linkDictionary: "Thing{}",
      any: "mixed?",
      anyList: "mixed[]",
      box: "Box",
      boxes: "Box[]",
      boxDictionary: "Box{}",
    },
  },
  {
    name: "Box",
    embedded: true,
    properties: { label: "string", sizes: "int[]", thing: "Thing", inner: "Inner", inners: "Inner[]" },
  },
  { name: "Inner", embedded: true, properties: { text: "string?", marks: "string<>", notes: "mixed{}" } },
];

const schema = [...classes, ...things];
const queries = Object.fromEntries(
  schema.filter(({ name }) => name !== "Box" && name !== "Inner").map(({ name }) => [name, "owner_id == $0"]),
);

const bed = new TestBed();
const user = "gardener@example.org";
let userId: string;
let author: AnyClient;
let witness: AnyClient;

beforeAll(async () => {
  await bed.startServer();
  [author, witness] = [bed.anyClient(), bed.anyClient()];
  userId = await join(author, true);
  await join(witness);
});

afterAll(() => bed.dispose());

async function join(client: AnyClient, isNew = false): Promise<string> {
  const id = await client.perform<string>({
    kind: "logIn",
    url: bed.url,
    email: user,
    password: "correct horse",
    isNew,
  });
  await client.perform({ kind: "open", user, schema, queries });
  return id;
}

async function settle(...clients: readonly AnyClient[]): Promise<void> {
  for (const client of clients) await client.perform({ kind: "uploaded", user });
  for (const client of clients) await client.perform({ kind: "downloaded", user });
}

const dump = (client: AnyClient, className: string): Promise<PlainFields[]> =>
  client.perform({ kind: "dump", user, className });

/** What reached the witness as history is what the author wrote. */
async function expectSame(className: string): Promise<PlainFields[]> {
  await settle(author, witness);
  await settle(author, witness);
  const expected = await dump(author, className);
  expect(await dump(witness, className)).toEqual(expected);
  return expected;
}

const edit = (client: AnyClient, ...steps: readonly Step[]): Promise<void> =>
  client.perform({ kind: "edit", user, steps });

const create = (client: AnyClient, className: string, ...objects: readonly PlainFields[]): Promise<void> =>
  client.perform({
    kind: "create",
    user,
    className,
    objects: objects.map((fields) => ({ owner_id: userId, ...fields })),
  });

describe.each(Object.keys(valuesOf))("values of type %s", (type) => {
  const className = `Of_${type}`;
  const values = valuesOf[type] ?? [];
  const different = members(type);
  const keys = ["plain", "", "Ä❦𝄞", "with space"];
  const asDictionary = (list: readonly Plain[]): Plain => ({
    dictionary: Object.fromEntries(keys.map((key, i) => [key, list[i % list.length] ?? null])),
  });

  it("arrive as they were written, alone and in collections", async () => {
    const objects = values.map((one, i) => ({
      _id: `value ${i}`,
      one,
      list: { list: [...values, one] },
      set: { set: different },
      ...(isNullable(type) && {
        oneOrNull: i % 2 === 0 ? null : one,
        listOrNull: { list: [null, ...values, null] },
        setOrNull: { set: [null, ...different] },
      }),
    }));
    await create(author, className, ...objects, { _id: "default", one: values[0] ?? null });
    await create(author, className, ...objects.slice(0, 1).map((object) => ({ ...object, _id: "Ä❦𝄞" })));
    // This SDK cannot create an object with a dictionary of integers or floats, but it can fill one.
    await edit(
      author,
      ...objects.flatMap(({ _id, one }): Step[] => [
        { className, key: _id, path: ["dictionary"], call: "set", args: [asDictionary(values)] },
        ...(isNullable(type)
          ? [
              {
                className,
                key: _id,
                path: ["dictionaryOrNull"],
                call: "set",
                args: [asDictionary([null, one])],
              } as const,
            ]
          : []),
      ]),
    );
    const everywhere = await expectSame(className);
    const written = everywhere.find(({ _id }) => _id === "value 0");
    expect(written).toMatchObject({ one: values[0], list: { list: [...values, values[0]] } });
    expect(written?.dictionary).toEqual(asDictionary(values));
    expect(written).toHaveProperty("set.set.length", different.length);
  });

  it("can be edited by two clients at once, and both end the same", async () => {
    const key = "edited";
    const [first = null, second = null] = different;
    await create(author, className, {
      _id: key,
      one: first,
      list: { list: [first, second, first] },
      set: { set: [first] },
    });
    const both = { dictionary: { a: first, b: second } };
    await edit(author, { className, key, path: ["dictionary"], call: "set", args: [both] });
    await settle(author, witness);
    for (const client of [author, witness]) await client.perform({ kind: "pause", user });
    const at = (path: Step["path"], call: Step["call"], ...args: readonly Plain[]): Step => ({
      className,
      key,
      path,
      args,
      ...(call && { call }),
    });
    await edit(
      author,
      at(["one"], undefined, second),
      at(["list"], "push", second),
      at(["list", 0], undefined, second),
      at(["set"], "add", second),
      at(["dictionary", "a"], undefined, second),
      at(["dictionary", "c"], undefined, first),
    );
    await edit(
      witness,
      at(["one"], undefined, first),
      at(["list"], "splice", number(1), number(1), first),
      at(["set"], "delete", first),
      at(["dictionary"], "remove", "b"),
      at(["dictionary", "a"], undefined, first),
    );
    for (const client of [author, witness]) await client.perform({ kind: "resume", user });
    const everywhere = await expectSame(className);
    const object = everywhere.find(({ _id }) => _id === key);
    expect(object).toHaveProperty("list.list.length", 4);
    expect(object).toHaveProperty("dictionary.dictionary", { a: expect.anything(), c: first });
  });
});

describe("links and embedded objects", () => {
  const link = (id: number): Plain => ({ link: ["Thing", number(id)] });
  const inner = (text: string): Plain => ({
    embedded: {
      text,
      marks: { set: ["x", "y"] },
      notes: { dictionary: { a: number(1), "❦": "b", c: null } },
    },
  });
  const box = (label: string, thing: Plain = null): Plain => ({
    embedded: {
      label,
      sizes: { list: [1, 2, 3].map(number) },
      thing,
      inner: inner(`${label} inner`),
      inners: { list: [inner("first"), inner("second")] },
    },
  });
  const at = (id: number, path: Step["path"], call: Step["call"], ...args: readonly Plain[]): Step => ({
    className: "Thing",
    key: number(id),
    path,
    args,
    ...(call && { call }),
  });

  it("arrive whole, also where they point to each other and to themselves", async () => {
    const ids = [1, 2, 3, 4].map((id) => ({ _id: number(id) }));
    await create(author, "Thing", ...ids);
    await create(author, "Thing", {
      _id: number(1),
      link: link(1),
      links: { list: [link(2), link(1), link(2), link(3)] },
      linkSet: { set: [link(2), link(3)] },
      linkDictionary: { dictionary: { a: link(2), "❦": link(3) } },
      any: link(4),
      anyList: { list: [link(4), "text", null, number(7), { decimal: "1.5" }] },
      box: box("the box", link(2)),
      boxes: { list: [box("one"), box("two", link(3))] },
    });
    // This SDK cannot create an object with a dictionary of embedded objects, but it can fill one.
    const boxDictionary = { dictionary: { top: box("top"), "❦": box("flower", link(1)) } };
    await edit(author, at(1, ["boxDictionary"], "set", boxDictionary));
    const [first] = await expectSame("Thing");
    expect(first).toMatchObject({ links: { list: [link(2), link(1), link(2), link(3)] }, any: link(4) });
    expect(first).toMatchObject({ box: box("the box", link(2)) });
  });

  it("can be edited deep inside by two clients at once", async () => {
    for (const client of [author, witness]) await client.perform({ kind: "pause", user });
    await edit(
      author,
      at(1, ["box", "sizes"], "push", number(4)),
      at(1, ["box", "inner", "text"], undefined, "by the author"),
      at(1, ["boxes", 1, "inners", 0, "marks"], "add", "z"),
      at(1, ["boxDictionary", "top", "label"], undefined, "by the author"),
      at(1, ["links"], "splice", number(0), number(1)),
      at(1, ["boxes"], "push", box("three")),
    );
    await edit(
      witness,
      at(1, ["box", "sizes"], "splice", number(0), number(1), number(9)),
      at(1, ["box", "inner", "notes"], "set", { dictionary: { d: true } }),
      at(1, ["boxes", 1, "inners", 0, "marks"], "delete", "x"),
      at(1, ["boxDictionary"], "remove", "❦"),
      at(1, ["links"], "push", link(4)),
      at(1, ["boxes"], "splice", number(0), number(1)),
    );
    for (const client of [author, witness]) await client.perform({ kind: "resume", user });
    const [first] = await expectSame("Thing");
    expect(first).toHaveProperty("links.list", [link(1), link(2), link(3), link(4)]);
    expect(first).toHaveProperty("box.embedded.sizes.list", [9, 2, 3, 4].map(number));
    expect(first).toHaveProperty("boxes.list.length", 2);
    expect(first).toHaveProperty("boxes.list.0.embedded.inners.list.0.embedded.marks.set", ["y", "z"]);
  });

  it("go with the object that holds them, and links to it go with it", async () => {
    // This SDK cannot read a dictionary with a link to an object that is gone.
    await edit(author, at(1, ["linkDictionary"], "remove", "❦"));
    await author.perform({ kind: "erase", user, className: "Thing", key: number(3) });
    await edit(author, at(1, ["box"], undefined, null), at(2, ["boxes"], "push", box("kept")));
    const [first] = await expectSame("Thing");
    expect(first).toHaveProperty("links.list", [link(1), link(2), link(4)]);
    expect(first).toHaveProperty("box", null);
  });
});

describe("everything above", () => {
  const readAll = async (client: AnyClient): Promise<unknown> => {
    const all: Record<string, unknown> = {};
    for (const className of Object.keys(queries)) all[className] = await dump(client, className);
    return all;
  };

  it.each([
    ["comes to a newcomer", false],
    ["is on the server's disk", true],
  ])("%s", async (_name, isRestarted) => {
    const expected = await readAll(author);
    if (isRestarted) {
      await bed.killServer();
      await bed.startServer();
    }
    const newcomer = bed.anyClient();
    await join(newcomer);
    expect(await readAll(newcomer)).toEqual(expected);
    for (const client of [author, witness, newcomer])
      expect(await client.perform({ kind: "events", user })).toEqual([]);
  });
});
