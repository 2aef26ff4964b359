import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { untilRecovered, untilSynced } from "../scenario/waits";
import { acceptRestart, addSynced, lastReport, openWorld, rewrite, textOf, type World } from "./world";

async function deployRules(world: World, note: unknown): Promise<void> {
  const file = join(world.folder, "rules.json");
  const rules = { admins: [], default: { preset: "own", ownerField: "owner_id" }, classes: { Note: note } };
  await writeFile(file, JSON.stringify(rules));
  await world.server().operate("rules", "deploy", file);
}

describe("a recovered edit that the server does not keep", () => {
  it("is told as not kept, with its words in the report, and put back from there once the server takes it", async () => {
    const world = await openWorld();
    const laptop = await world.openClient("laptop");
    const id = await addSynced(laptop, "# Note\nold\n");
    await laptop.ask("sync:work-offline", { offline: true });
    await rewrite(laptop, id, "# Note\nnever lost\n");
    await world.terminateAndEnable();
    // Everything may be read as before, and only the root may be written.
    await deployRules(world, { read: "owner_id == %%user.id", write: "isRoot == true" });
    await laptop.ask("sync:work-offline", { offline: false });
    await acceptRestart(laptop);
    await untilRecovered(laptop);
    const report = await lastReport(laptop);
    expect(report.failed).toEqual([id]);
    expect(report.items).toMatchObject([{ noteId: id, mine: "# Note\nnever lost\n" }]);
    expect(await textOf(laptop, id)).toBe("# Note\nold\n");
    await untilSynced(laptop);
    // The audit does not start what the report has told already.
    expect(laptop.state()?.audit).toEqual({ asks: null, mended: null });

    await deployRules(world, "own");
    await laptop.ask("reports:resolve", { resetId: report.resetId, noteId: id, choice: "mine" });
    await untilSynced(laptop);
    expect((await lastReport(laptop)).failed).toEqual([]);
    const fresh = await world.openClient("fresh");
    expect(await textOf(fresh, id)).toBe("# Note\nnever lost\n");
    expect(await textOf(laptop, id)).toBe("# Note\nnever lost\n");
  });
});
