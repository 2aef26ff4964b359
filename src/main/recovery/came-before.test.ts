import { expect, it } from "vitest";
import type { Note, NoteId } from "../../shared/note";
import { cameBefore } from "./came-before";

const id = "00000000-0000-4000-8000-00000000000a" as NoteId;
const life = {
  isRoot: false,
  parentId: null,
  orderKey: "V",
  childIds: [],
  deletedAtMs: null,
  lastUpdatedMs: null,
};
const note: Note = { id, text: "# A note\n", ...life };
const version = (revision: string) => ({ note, revision });
/** The latest last. */
const states = ["r/1", "r/2", "r/3"];
const seen = {
  age: (_note: Note, revision: string) => (states.includes(revision) ? 2 - states.indexOf(revision) : null),
};

it("takes for earlier what was seen before the version of the copy, and nothing that was seen after it or never", () => {
  expect(cameBefore(seen, version("r/1"), version("r/2"))).toBe(true);
  expect(cameBefore(seen, version("r/3"), version("r/2"))).toBe(false);
  expect(cameBefore(seen, version("s/1"), version("r/2"))).toBe(false);
  expect(cameBefore(seen, { note: undefined, revision: undefined }, version("r/2"))).toBe(false);
});

it("takes what this device has and never saw for later than all that it saw", () => {
  expect(cameBefore(seen, version("r/3"), version("own"))).toBe(true);
  expect(cameBefore(seen, version("r/3"), { note: undefined, revision: undefined })).toBe(true);
});
