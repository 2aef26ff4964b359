import { describe, expect, it } from "vitest";
import { serverEvents, tellStory } from "../../src/shared/recovery/testing/random-world";
import type { Deed } from "../../src/shared/recovery/testing/world";
import { noteIdOf } from "../../src/shared/recovery/testing/world";
import { scriptOf, type Turn } from "./script";

const id = noteIdOf(5);
const write = (device: string, revision: string): Deed => ({
  kind: "write",
  device,
  revision,
  change: { kind: "text", id, before: "", after: revision },
});
const upload = (device: string, isAckLost = false): Deed => ({ kind: "upload", device, isAckLost });
const download = (device: string): Deed => ({ kind: "download", device });

/** `laptop: w1 w2 up down pause`, one for each turn. */
function words(turns: readonly Turn[]): string[] {
  return turns.map((turn) => {
    if (turn.kind === "upload-unheard") return `${turn.device}: unheard`;
    const steps = turn.steps.map((step) =>
      step.kind === "write" ? step.writes.map(({ revision }) => revision).join("+") : step.kind,
    );
    return `${turn.device}: ${steps.join(" ")}`;
  });
}

describe("the script of a story", () => {
  it("gives each device its turns, and takes it offline after its last word with the server", () => {
    const { beforeBackup, untilBroken, breaks, loses } = scriptOf([
      download("laptop"),
      write("laptop", "w1"),
      write("laptop", "w2"),
      upload("laptop"),
      download("phone"),
      write("laptop", "w3"),
    ]);
    expect(words(beforeBackup)).toEqual([
      "laptop: download w1+w2 upload pause",
      "phone: download pause",
      "laptop: w3",
    ]);
    expect({ untilBroken, breaks, loses }).toEqual({ untilBroken: [], breaks: "terminated", loses: null });
  });

  it("has the backup made before the writes that the undone upload would send, and not later", () => {
    const script = scriptOf([
      download("phone"),
      write("phone", "w1"),
      upload("phone"),
      download("laptop"),
      write("laptop", "w2"),
      upload("laptop"),
      { kind: "roll-back", toUpload: 1 },
      write("phone", "w3"),
    ]);
    expect(words(script.beforeBackup)).toEqual(["phone: download w1 upload pause", "laptop: download"]);
    expect(words(script.untilBroken)).toEqual(["laptop: w2 upload pause"]);
    expect(words(script.afterBreak)).toEqual(["phone: w3"]);
    expect(script.breaks).toBe("restored");
  });

  it("has an upload made that the device does not hear of, and goes on with the device offline", () => {
    const script = scriptOf([
      download("laptop"),
      write("laptop", "w1"),
      upload("laptop", true),
      write("laptop", "w2"),
      { kind: "lose-notes", ids: [id] },
    ]);
    expect(words(script.beforeBackup)).toEqual([
      "laptop: download pause w1",
      "laptop: unheard",
      "laptop: w2",
    ]);
    expect(script.loses).toEqual({ kind: "notes", ids: [id] });
  });

  it("leaves out no write of any story", () => {
    for (let seed = 1; seed <= 80; seed += 1) {
      const deeds: Deed[] = [];
      const event = serverEvents[seed % serverEvents.length]!;
      tellStory(seed, { event, worksBetween: false, onDeed: (deed) => void deeds.push(deed) });
      const { beforeBackup, untilBroken, afterBreak } = scriptOf(deeds);
      const written = [...beforeBackup, ...untilBroken, ...afterBreak].flatMap((turn) =>
        turn.kind === "steps"
          ? turn.steps.flatMap((step) =>
              step.kind === "write" ? step.writes.map(({ revision }) => revision) : [],
            )
          : [],
      );
      expect(written).toEqual(deeds.flatMap((deed) => (deed.kind === "write" ? [deed.revision] : [])));
    }
  });
});
