/** The history: without holes, readable, and leading to exactly the objects that there are. */
import { type Instruction, objectKey, parseChangeset, samePayload } from "../changeset";
import { fieldsOfDocument } from "../object/fields";
import { isSchemaInstruction } from "../schema/schema";
import type { HistoryEntry, Problem, Storage, TouchedEntry } from "../storage/storage";
import { serverFileIdent } from "../sync/context";

/** Newest first: so the first that is met of an object is its latest. */
export function* historyProblems(storage: Storage): Generator<Problem> {
  const { version: base } = storage.historyBase();
  const { version: head } = storage.head();
  if (base > head) yield { where: "history", what: `begins after version ${base} and ends at ${head}` };
  const nextFileIdent = Number(storage.setting("nextFileIdent"));
  const latest = new Set<string>();
  for (let version = head; version > base; version--) {
    const where = `history version ${version}`;
    const entry = storage.historyEntry(version);
    if (!entry) {
      yield { where, what: "is missing" };
      continue;
    }
    if (!isSalt(entry.salt)) yield { where, what: "has no proper salt" };
    if (entry.originFileIdent < serverFileIdent || entry.originFileIdent >= nextFileIdent) {
      yield { where, what: `comes from client file ${entry.originFileIdent}, which was never given out` };
    }
    yield* changesetProblems(where, entry);
    if (entry.targetFileIdent !== undefined) continue;
    for (const touched of entry.touched) {
      const key = objectKey(touched.table, touched.pk);
      if (latest.has(key)) continue;
      latest.add(key);
      const what = stateProblem(storage, touched);
      if (what !== undefined) yield { where: `object ${key}`, what: `${what}, says version ${version}` };
    }
  }
}

function* changesetProblems(where: string, { changeset, touched }: HistoryEntry): Generator<Problem> {
  const parsed = parseChangeset(changeset);
  if (parsed.kind === "malformed") {
    yield { where, what: `its changeset cannot be read: ${parsed.message} (at byte ${parsed.offset})` };
    return;
  }
  const listed = new Set(touched.map(({ table, pk }) => objectKey(table, pk)));
  const unlisted = parsed.instructions.find((instruction) => isUnlisted(instruction, listed));
  if (unlisted && !isSchemaInstruction(unlisted)) {
    const key = objectKey(unlisted.table, unlisted.pk);
    yield { where, what: `changes object ${key} and does not list it` };
  }
}

function isUnlisted(instruction: Instruction, listed: ReadonlySet<string>): boolean {
  return !isSchemaInstruction(instruction) && !listed.has(objectKey(instruction.table, instruction.pk));
}

/** Whether the object is now as its latest entry left it, as far as the entry tells. */
function stateProblem(storage: Storage, { table, pk, after }: TouchedEntry): string | undefined {
  const document = storage.object(table, pk);
  if (!after) return document ? "is there although it was deleted" : undefined;
  if (!document) return "is missing although it was never deleted";
  const now = fieldsOfDocument(storage.schema(), table, document, after.keys());
  for (const [field, value] of now) {
    const then = after.get(field);
    if (then && !samePayload(then, value)) return `has another ${field} than it was left with`;
  }
  return undefined;
}

/** As `randomSalt` makes them. */
export function isSalt(salt: number): boolean {
  return Number.isSafeInteger(salt) && salt > 0 && salt < 2 ** 48;
}
