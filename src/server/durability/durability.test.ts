/** A short run of `npm run durability`, with the server from its TypeScript source. */
import { expect, it } from "vitest";
import { startProgram } from "../testing/child-process";
import { runCampaign } from "./campaign";

it("a server killed a dozen times under load has all that it acknowledged, whole and once", async () => {
  const kills = 12;
  const { lost, corrupted, problems, ...report } = await runCampaign({
    kills,
    seed: 7,
    accounts: 1,
    devicesPerAccount: 3,
    launch: (args, cwd) => startProgram("cli.ts", args, cwd).child,
    say: () => {},
  });
  expect({ lost, corrupted, problems }).toEqual({ lost: 0, corrupted: 0, problems: [] });
  expect(report.kills).toBe(kills);
  expect(report.acknowledged).toBeGreaterThan(kills);
  expect(report.present).toBe(report.acknowledged);
}, 180_000);
