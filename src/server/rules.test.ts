/** Rules as real clients meet them: what they see, what is undone, and what happens when the rules change. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RulesDocument } from "./rules/rules";
import type { SubscribedClass } from "./testing/client-commands";
import type { DrivenClient } from "./testing/driven-client";
import { type Account, TestBed, until } from "./testing/test-bed";

let bed: TestBed;
let ada: DrivenClient;
let bob: DrivenClient;
let adaAccount: Account;
let adaId: string;
let bobId: string;

const plants: SubscribedClass = {
  name: "Plant",
  properties: { owner_id: "string", name: "string", isPublic: { type: "bool", default: false } as never },
  query: "TRUEPREDICATE",
};

beforeEach(async () => {
  bed = new TestBed();
  await bed.startServer();
  [ada, bob] = [bed.client(), bed.client()];
  adaAccount = await bed.newAccount(ada);
  adaId = await ada.logIn(bed.url, { kind: "password", ...adaAccount });
  bobId = await bob.logIn(bed.url, { kind: "password", ...(await bed.newAccount(bob)) });
});

afterEach(() => bed.dispose());

async function deploy(rules: RulesDocument, ...options: string[]) {
  const file = join(bed.directory, "rules.json");
  writeFileSync(file, JSON.stringify(rules));
  const result = await bed.cli("rules", "deploy", file, ...options, "--data", bed.dataDir, "--json");
  return { ...result, answer: JSON.parse(result.stdout) as { kind: string; value: { isChanged: boolean } } };
}

async function openBoth(more: Partial<SubscribedClass> = {}): Promise<void> {
  await Promise.all([ada, bob].map((client) => client.open({ classes: [{ ...plants, ...more }] })));
}

async function settle(...clients: DrivenClient[]): Promise<void> {
  for (const client of clients) await client.uploaded();
  for (const client of clients) await client.downloaded();
}

async function keys(client: DrivenClient): Promise<unknown[]> {
  return (await client.all("Plant")).map(({ _id }) => _id);
}

function plant(key: string, owner: string, more: object = {}) {
  return { _id: key, owner_id: owner, name: key, isPublic: false, ...more };
}

/** Both write one plant of their own, each tries to change the other's, and both tell what they are left with. */
async function whatBothSee(): Promise<{ ada: unknown[]; bob: unknown[] }> {
  await openBoth();
  await ada.put("Plant", plant("rose", adaId));
  await bob.put("Plant", plant("tulip", bobId));
  await settle(ada, bob);
  await ada.downloaded();
  return { ada: await keys(ada), bob: await keys(bob) };
}

describe("the presets", () => {
  it("own: everybody sees and writes what is his own", async () => {
    await deploy({ default: "own" });
    expect(await whatBothSee()).toEqual({ ada: ["rose"], bob: ["tulip"] });
    expect([...(await ada.errors()), ...(await bob.errors())]).toEqual([]);
  });

  it("readAll: everybody sees everything, and what he writes to another's is undone", async () => {
    await deploy({ classes: { Plant: "readAll" } });
    expect(await whatBothSee()).toEqual({ ada: ["rose", "tulip"], bob: ["rose", "tulip"] });
    await bob.put("Plant", { _id: "rose", name: "bob's now" });
    await bob.put("Plant", { _id: "rose", owner_id: bobId });
    await bob.put("Plant", { _id: "tulip", name: "still bob's" });
    await settle(bob, ada);
    expect((await bob.untilErrors(1))[0]).toMatchObject({ code: 231, isFatal: false });
    const after = [
      { _id: "rose", name: "rose", owner_id: adaId },
      { _id: "tulip", name: "still bob's" },
    ];
    await until(
      () => bob.all("Plant"),
      ([rose]) => rose?.name === "rose" && rose.owner_id === adaId,
    );
    expect(await bob.all("Plant")).toMatchObject(after);
    expect(await ada.all("Plant")).toMatchObject(after);
  });

  it("readOnly: what anybody writes is undone, created, changed or deleted, and the session lives on", async () => {
    await deploy({ classes: { Plant: "shared" } });
    await openBoth();
    await ada.put("Plant", plant("rose", adaId));
    await settle(ada, bob);
    expect((await deploy({ classes: { Plant: "readOnly" } })).answer.kind).toBe("ok");
    await ada.put("Plant", plant("weed", adaId));
    await settle(ada);
    await until(
      () => keys(ada),
      (found) => found.length === 1,
    );
    await ada.put("Plant", { _id: "rose", name: "changed" });
    await settle(ada);
    await until(
      () => ada.all("Plant"),
      ([rose]) => rose?.name === "rose",
    );
    await ada.remove("Plant", "rose");
    await settle(ada);
    await until(
      () => keys(ada),
      (found) => found.length === 1,
    );
    expect((await ada.untilErrors(3)).map(({ code }) => code)).toEqual([231, 231, 231]);
    await bob.downloaded();
    expect(await bob.all("Plant")).toMatchObject([{ _id: "rose", name: "rose" }]);
  });

  it("shared, and admins beside own: who may, sees and writes everything", async () => {
    await deploy({ admins: [adaAccount.email], default: "own" });
    expect(await whatBothSee()).toEqual({ ada: ["rose", "tulip"], bob: ["tulip"] });
    await ada.put("Plant", { _id: "tulip", name: "pruned by the admin" });
    await settle(ada, bob);
    expect(await bob.all("Plant")).toMatchObject([{ name: "pruned by the admin" }]);
    expect(await ada.errors()).toEqual([]);
  });
});

describe("filters", () => {
  const rules: RulesDocument = {
    classes: {
      Plant: { read: "owner_id == %%user.id OR isPublic == true", write: "owner_id == %%user.id" },
    },
  };

  it("decide who sees an object, and it comes and goes as its fields change", async () => {
    await deploy(rules);
    await openBoth();
    await ada.put("Plant", plant("rose", adaId));
    await ada.put("Plant", plant("lily", adaId, { isPublic: true }));
    await settle(ada, bob);
    expect(await keys(bob)).toEqual(["lily"]);
    await ada.put("Plant", { _id: "rose", isPublic: true });
    await ada.put("Plant", { _id: "lily", isPublic: false });
    await settle(ada, bob);
    expect(await keys(bob)).toEqual(["rose"]);
    await ada.put("Plant", { _id: "rose", owner_id: bobId });
    await settle(ada, bob);
    // Giving away is writing what is not one's own afterwards.
    expect((await ada.untilErrors(1))[0]?.code).toBe(231);
    expect(await bob.all("Plant")).toMatchObject([{ _id: "rose", owner_id: adaId }]);
  });

  it("are asked of the past as well: who was offline gets what entered his sight meanwhile", async () => {
    await deploy(rules);
    await openBoth();
    await ada.put("Plant", plant("rose", adaId, { isPublic: true }));
    await settle(ada, bob);
    await bob.pause();
    await ada.put("Plant", { _id: "rose", isPublic: false, name: "unseen by bob" });
    await ada.put("Plant", plant("lily", adaId));
    await ada.put("Plant", { _id: "lily", isPublic: true });
    await settle(ada);
    await bob.resume();
    await settle(bob);
    expect(await bob.all("Plant")).toMatchObject([{ _id: "lily" }]);
    expect(await bob.errors()).toEqual([]);
  });
});

describe("deploying rules while clients are connected", () => {
  it("resets whom it lets see other objects, with a code of its own, and nobody else", async () => {
    await deploy({ default: "own", admins: [adaId] });
    expect(await whatBothSee()).toEqual({ ada: ["rose", "tulip"], bob: ["tulip"] });
    await deploy({ default: "readAll", admins: [adaId] });
    const [error] = await bob.untilErrors(1);
    expect(error).toMatchObject({ name: "ClientReset", code: 228 });
    expect(error?.message).toMatch(/What this user may see was changed on the server on .* UTC/);
    // To an admin nothing has changed.
    await ada.put("Plant", plant("lily", adaId));
    await settle(ada);
    expect(await ada.errors()).toEqual([]);
    await bob.exit();
    const again = bed.client(bed.clientDirectory(2));
    await again.logIn(bed.url, {
      kind: "password",
      email: "gardener-2@example.org",
      password: "correct horse",
    });
    await again.open({ classes: [plants] });
    expect(await keys(again)).toEqual(["lily", "rose", "tulip"]);
  });

  it("takes away what a user may no longer see", async () => {
    await deploy({ default: "shared" });
    await openBoth();
    await ada.put("Plant", plant("rose", adaId));
    await settle(ada, bob);
    expect(await keys(bob)).toEqual(["rose"]);
    await deploy({ default: "own" });
    expect((await bob.untilErrors(1))[0]).toMatchObject({ name: "ClientReset", code: 228 });
    await bob.exit();
    const again = bed.client(bed.clientDirectory(2));
    await again.logIn(bed.url, {
      kind: "password",
      email: "gardener-2@example.org",
      password: "correct horse",
    });
    await again.open({ classes: [plants] });
    expect(await keys(again)).toEqual([]);
  });

  it("resets nobody when only writing changes, and judges the next write by the new rules", async () => {
    await deploy({ classes: { Plant: "shared" } });
    await openBoth();
    await ada.put("Plant", plant("rose", adaId));
    await settle(ada, bob);
    await deploy({ classes: { Plant: "readAll" } });
    await bob.put("Plant", { _id: "rose", name: "bob's" });
    expect((await bob.untilErrors(1)).map(({ code }) => code)).toEqual([231]);
    await ada.put("Plant", { _id: "rose", name: "ada's" });
    await settle(bob, ada);
    await bob.downloaded();
    expect(await ada.errors()).toEqual([]);
    expect(await bob.all("Plant")).toMatchObject([{ name: "ada's" }]);
  });

  it("one after the other finds clients back in time for the next, however many there are", async () => {
    await openBoth();
    // Only who may write changes: nobody is reset, and every other plant is undone.
    for (let round = 0; round < 6; round++) {
      await deploy({ classes: { Plant: { read: "owner_id == %%user.id", write: round % 2 === 0 } } });
      await ada.put("Plant", plant(`plant ${round}`, adaId));
      await ada.uploaded();
    }
    expect((await ada.untilErrors(3)).map(({ code }) => code)).toEqual([231, 231, 231]);
    await until(
      () => keys(ada),
      (found) => found.length === 3,
    );
    expect(await keys(ada)).toEqual(["plant 0", "plant 2", "plant 4"]);
  });

  it("and back again, while a client was away, leaves that client alone and right", async () => {
    const own: RulesDocument = { default: "own" };
    await deploy(own);
    expect(await whatBothSee()).toEqual({ ada: ["rose"], bob: ["tulip"] });
    await bob.pause();
    await deploy({ default: { read: "isPublic == false", write: true } });
    expect((await ada.untilErrors(1))[0]).toMatchObject({ code: 228 });
    await ada.exit();
    const other = bed.client();
    await other.logIn(bed.url, { kind: "password", ...adaAccount });
    await other.open({ classes: [plants] });
    await other.put("Plant", { _id: "tulip", name: "by ada, who might" });
    await other.put("Plant", plant("lily", bobId));
    await settle(other);
    await deploy(own);
    await bob.resume();
    await settle(bob);
    expect(await bob.all("Plant")).toMatchObject([
      { _id: "lily" },
      { _id: "tulip", name: "by ada, who might" },
    ]);
    expect(await bob.errors()).toEqual([]);
  });
});

describe("the commands", () => {
  it("show and check rules without changing anything, and refuse bad ones with every problem", async () => {
    const show = async () =>
      JSON.parse((await bed.cli("rules", "show", "--data", bed.dataDir, "--json")).stdout);
    expect(await show()).toEqual({ default: { preset: "own", ownerField: "owner_id" } });
    await openBoth();
    const dry = await deploy({ default: "readAll" }, "--dry-run");
    expect(dry).toMatchObject({
      code: 0,
      answer: { kind: "ok", value: { isDryRun: true, isChanged: true } },
    });
    expect(await show()).toEqual({ default: { preset: "own", ownerField: "owner_id" } });
    const bad = await deploy({ classes: { Plant: { read: "height > 1", write: true } }, default: "readAll" });
    expect(bad).toMatchObject({
      code: 1,
      answer: { kind: "failed", problems: ['classes.Plant.read: class Plant has no property "height"'] },
    });
    const unread = await deploy({ default: "everything" } as never);
    expect(unread).toMatchObject({ code: 1, answer: { kind: "failed" } });
    const unknown = await deploy({ default: "readAll", classes: { Weed: "own" } });
    expect(unknown).toMatchObject({
      code: 0,
      answer: { value: { warnings: ["The rules name class Weed, which the schema does not have."] } },
    });
    expect(await show()).toEqual({ default: "readAll", classes: { Weed: "own" } });
    for (const args of [["rules"], ["rules", "plant"], ["rules", "deploy"], ["rules", "show", "x"]])
      expect((await bed.cli(...args, "--data", bed.dataDir)).code).toBe(2);
    const missing = await bed.cli("rules", "deploy", join(bed.directory, "none.json"), "--data", bed.dataDir);
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("none.json cannot be read") });
  });

  it("work on a store at rest, last over restarts, and give way to the options of a start", async () => {
    await bed.killServer();
    await deploy({ default: "readAll" });
    await bed.startServer();
    expect(await whatBothSee()).toEqual({ ada: ["rose", "tulip"], bob: ["rose", "tulip"] });
    await bed.killServer();
    await bed.startServer("--owner-field", "owner_id");
    for (const client of [ada, bob]) {
      await client.pause();
      await client.resume();
      expect((await client.untilErrors(1))[0]).toMatchObject({ code: 228 });
    }
    const file = join(bed.directory, "rules.json");
    const show = await bed.cli("rules", "show", "--data", bed.dataDir, "--json");
    expect(JSON.parse(show.stdout)).toEqual({ default: { preset: "own", ownerField: "owner_id" } });
    expect((await bed.cli("rules", "deploy", file, "--data", bed.dataDir)).stdout).toBe(
      "The rules are in effect",
    );
  });
});
