import { describe, expect, it } from "vitest";
import type { PrimaryKey } from "../changeset";
import type { Fields } from "../query/query";
import { readSchemaFile } from "../schema/schema-file";
import { Permissions } from "./permissions";
import { presetNames, type RuleDocument, type RulesDocument, readRules, ruleFor, rulesOf } from "./rules";

const read = readSchemaFile({
  classes: {
    Plant: {
      primaryKey: "_id",
      properties: { _id: "string", owner_id: "string", isPublic: "bool", height: "int", price: "decimal128" },
    },
  },
});
if (read.kind === "bad") throw new Error(read.problems.join());
const { schema } = read;
const rose: PrimaryKey = { kind: "string", value: "rose" };

function plant(owner: string, isPublic = false): Fields {
  return new Map([
    ["owner_id", { kind: "string", value: owner }],
    ["isPublic", { kind: "bool", value: isPublic }],
  ]);
}

function ada(document: RulesDocument): Permissions {
  return new Permissions(rulesOf(document), { id: "ada", email: "Ada@example.org" }, () => schema);
}

/** What ada may: read hers, write hers, read bob's, write bob's. */
function may(rule: RuleDocument, more: RulesDocument = {}): boolean[] {
  const permissions = ada({ ...more, default: rule });
  return [plant("ada"), plant("bob")].flatMap((fields) => [
    permissions.mayRead("Plant", rose, fields),
    permissions.mayWrite("Plant", rose, fields),
  ]);
}

describe("a rule", () => {
  it.each<[RuleDocument, boolean[]]>([
    ["own", [true, true, false, false]],
    ["readAll", [true, true, true, false]],
    ["readOnly", [true, false, true, false]],
    ["shared", [true, true, true, true]],
    [{ preset: "own", ownerField: "_id" }, [false, false, false, false]],
    [{ read: true, write: false }, [true, false, true, false]],
    [{ read: "owner_id == %%user.id OR isPublic == true", write: "%%false" }, [true, false, false, false]],
    [{ read: "%%true", write: "owner_id IN {%%user.id}" }, [true, true, true, false]],
    [{ read: "isPublic == %%false", write: "NOT (owner_id == %%user.id)" }, [true, false, true, true]],
    [{ read: "_id == 'rose'", write: "_id == %%user.id" }, [true, false, true, false]],
  ])("%j lets a user read and write his own, read and write others': %j", (rule, expected) => {
    expect(may(rule)).toEqual(expected);
  });

  it("is the default for classes that are not named", () => {
    const permissions = ada({ default: "readOnly", classes: { Plant: "own" } });
    expect(permissions.mayWrite("Plant", rose, plant("ada"))).toBe(true);
    expect(ada({ default: "readOnly" }).mayWrite("Plant", rose, plant("ada"))).toBe(false);
  });

  it("does not hold for admins, by id or by e-mail address", () => {
    for (const admin of ["ada", "ADA@example.org"])
      expect(may("admin", { admins: [admin] })).toEqual([true, true, true, true]);
    expect(may("admin", { admins: ["bob"] })).toEqual([false, false, false, false]);
  });

  it("that does not fit the class permits nothing, and says why", () => {
    const permissions = ada({ default: { preset: "own", ownerField: "gardener" } });
    expect(permissions.mayRead("Plant", rose, plant("ada"))).toBe(false);
    expect(permissions.readRule("Plant")).toEqual({
      kind: "unfit",
      message: 'class Plant has no property "gardener"',
    });
  });

  it.each<[RuleDocument, string | undefined]>([
    ["own", "owner_id"],
    ["readAll", "owner_id"],
    ["shared", undefined],
    [{ read: "isPublic == true AND gardener == %%user.id", write: true }, "gardener"],
    [{ read: "isPublic == true OR gardener == %%user.id", write: true }, undefined],
    [{ read: "gardener ==[c] %%user.id", write: true }, undefined],
  ])("%j indexes objects by %s", (rule, field) => {
    expect(ruleFor(rulesOf({ default: rule }), "Plant").ownerField).toBe(field);
  });
});

describe("the rules document", () => {
  it.each<[unknown, string]>([
    [[], "the rules: must be an object"],
    ["own", "the rules: must be an object"],
    [{ rules: {} }, 'the rules: unknown name "rules"; known are admins, default, classes'],
    [
      { default: "everything" },
      `default: there is no preset "everything"; there are ${presetNames.join(", ")}`,
    ],
    [{ default: 1 }, "default: must be a preset or an object with read and write"],
    [{ default: { read: true } }, "default.write: must be true, false or a query"],
    [{ classes: { Note: { read: "owner_id ==", write: true } } }, "classes.Note.read: "],
    [{ classes: { Note: { read: "%%user.name == 1", write: true } } }, '"%%user.name" means nothing here'],
    [{ classes: { Note: { preset: "own", owner: "x" } } }, 'classes.Note: unknown name "owner"'],
    [
      { classes: { Note: { preset: "own", ownerField: "a b" } } },
      "classes.Note.ownerField: must be the name",
    ],
    [{ classes: [] }, "classes: must be an object"],
    [{ admins: "ada" }, "admins: must be a list"],
    [{ default: "admin" }, 'default: the preset "admin" needs somebody in "admins"'],
  ])("%j is refused: %s", (document, problem) => {
    const result = readRules(document);
    expect(result.kind === "bad" && result.problems.join("\n")).toContain(problem);
  });

  it("is refused with every problem at once", () => {
    const result = readRules({ default: "x", classes: { A: "y", B: { read: 1, write: "own" } } });
    expect(result.kind === "bad" && result.problems).toHaveLength(4);
  });

  it("means 'own' with owner_id when it says nothing", () => {
    expect(ruleFor(rulesOf({}), "Note")).toMatchObject({ read: "owner_id == %%user.id" });
  });
});
