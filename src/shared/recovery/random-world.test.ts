import { describe, expect, it } from "vitest";
import type { Note, NoteId } from "../note";
import { planRecovery } from "./plan";
import type { PlanStep, RecoveryInput, RecoveryPlan } from "./plan-types";
import { complaints } from "./testing/oracles";
import { serverEvents, tellStory } from "./testing/random-world";
import { noteIdOf } from "./testing/world";

const seeds = 300;

describe("recovery in a random world", () => {
  it.each(serverEvents)("keeps every promise where the server's event is %s", (event) => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const found = complaints(tellStory(seed, { event }));
      expect({ seed, found }).toEqual({ seed, found: [] });
    }
  });

  it("keeps every promise in longer stories too", () => {
    for (let seed = 1; seed <= seeds / 5; seed += 1) {
      const found = complaints(tellStory(seed, { deeds: 25 }));
      expect({ seed, found }).toEqual({ seed, found: [] });
    }
  });

  it("loses nothing, breaks nothing and deletes nothing without a journal to trust", () => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const story = tellStory(seed, { historyTrusted: false });
      const found = complaints(story).filter((complaint) => /^O[1357]/.test(complaint));
      expect({ seed, found }).toEqual({ seed, found: [] });
      const { plan } = story.runs.find(({ device }) => device === "laptop")!;
      expect(plan.counts.trashed).toBe(0);
    }
  });

  it("loses nothing and breaks nothing when it is killed after any write and planned anew", () => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const story = tellStory(seed, { crashes: true });
      const found = complaints(story).filter((complaint) => /^O[135]/.test(complaint));
      expect({ seed, found }).toEqual({ seed, found: [] });
    }
  });

  it("tells the same story twice", () => {
    expect(JSON.stringify(tellStory(7).runs.map(({ plan }) => plan))).toBe(
      JSON.stringify(tellStory(7).runs.map(({ plan }) => plan)),
    );
  });
});

// The checks must be able to fail: each planted fault is one that recovery recipes have had.
describe("the checks notice a planner that", () => {
  const withSteps = (plan: RecoveryPlan, steps: readonly PlanStep[]): RecoveryPlan => ({ ...plan, steps });
  const changedLocally = ({ local, remote }: RecoveryInput): PlanStep[] =>
    [...local.values()]
      .filter((note) => JSON.stringify(note) !== JSON.stringify(remote.get(note.id)))
      .map((note) => ({ note, expect: remote.get(note.id) ?? null }));
  let unheardOf = 0x10_000;

  const faults: readonly [string, string, (input: RecoveryInput) => RecoveryPlan][] = [
    [
      "forgets its last step",
      "O1",
      (input) => withSteps(planRecovery(input), planRecovery(input).steps.slice(0, -1)),
    ],
    ["lets the server win", "O1", (input) => withSteps(planRecovery(input), [])],
    [
      "overwrites the server with the backup",
      "O1",
      (input) => withSteps(planRecovery(input), changedLocally(input)),
    ],
    [
      "deletes what the backup does not have",
      "O4",
      (input) => {
        const plan = planRecovery(input);
        const absent = [...input.remote.values()].filter(({ id }) => !input.local.has(id));
        const trashed = absent.map((note): PlanStep => ({ note: { ...note, deletedAtMs: 9 }, expect: note }));
        return withSteps(plan, [...plan.steps, ...trashed]);
      },
    ],
    [
      "brings trashed notes back",
      "O2",
      (input) => {
        const live = (note: Note): Note => ({ ...note, deletedAtMs: null });
        const plan = planRecovery(input);
        return withSteps(
          plan,
          plan.steps.map((step) => ({ ...step, note: live(step.note) })),
        );
      },
    ],
    [
      "hangs notes under themselves",
      "O3",
      (input) => {
        const plan = planRecovery(input);
        const steps = plan.steps.map((step) => ({
          ...step,
          note: { ...step.note, parentId: step.expect === null ? step.note.id : step.note.parentId },
        }));
        return withSteps(plan, steps);
      },
    ],
    [
      "writes notes nobody touched",
      "O4",
      (input) => {
        const plan = planRecovery(input);
        const planned = new Set<NoteId>(plan.steps.map(({ note }) => note.id));
        const others = [...input.remote.values()].filter(({ id, isRoot }) => !planned.has(id) && !isRoot);
        const moved = others.map((note): PlanStep => ({ note: { ...note, orderKey: "q" }, expect: note }));
        return withSteps(plan, [...plan.steps, ...moved]);
      },
    ],
    [
      "names copies at random",
      "O5",
      (input) => {
        const plan = planRecovery(input);
        const steps = plan.steps.map((step): PlanStep => {
          if (!step.note.text.includes("(your copy)")) return step;
          unheardOf += 1;
          return { ...step, note: { ...step.note, id: noteIdOf(unheardOf) } };
        });
        return withSteps(plan, steps);
      },
    ],
    ["reports nothing", "O7", (input) => ({ ...planRecovery(input), items: [] })],
    [
      "reports what it did not do",
      "O7",
      (input) => ({ ...planRecovery({ ...input, remote: new Map() }), steps: planRecovery(input).steps }),
    ],
    [
      "forgets moves in silence",
      "moves",
      (input) => {
        const plan = planRecovery(input);
        const isMove = ({ note, expect }: PlanStep) => expect !== null && expect.parentId !== note.parentId;
        const moved = new Set(plan.steps.filter(isMove).map(({ note }) => note.id));
        return {
          ...plan,
          steps: plan.steps.filter((step) => !isMove(step)),
          items: plan.items.filter(({ noteId }) => !moved.has(noteId)),
        };
      },
    ],
  ];

  it.each(faults)("%s (%s)", (_fault, oracle, planner) => {
    const noticed = new Set<string>();
    for (let seed = 1; seed <= seeds && !noticed.has(oracle); seed += 1) {
      for (const complaint of complaints(tellStory(seed, { planner }), planner)) {
        noticed.add(complaint.split(":")[0] ?? "");
      }
    }
    expect([...noticed]).toContain(oracle);
  });
});
