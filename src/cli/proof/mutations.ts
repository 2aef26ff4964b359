// Each of the ways in which recovery recipes were seen to lose notes, planted as a bug into the real source while the
// program of simulated stories is made. Every one must make an oracle complain: else the oracles prove nothing.

import type { WorldKind } from "./commands";

export type Edit = { readonly file: string; readonly find: string; readonly replace: string };

export type Mutation = {
  /** The flaw's number, F1 to F34, or what else it is. */
  readonly name: string;
  readonly flaw: string;
  readonly edits: readonly Edit[];
  /** Oracles that all must complain; without it, any one will do. */
  readonly oracles?: readonly string[];
  /** Seeds within which that must happen. */
  readonly seeds?: number;
  /** Dies at each operation instead of playing seeds. */
  readonly crashPoints?: true;
  /** The kind of world that can show it; plain without it. */
  readonly world?: WorldKind;
};

const edit = (file: string, find: string, replace: string): Edit => ({ file, find, replace });
const lastSynced = "src/main/sync/last-synced.ts";
const step = (name: string) => `src/main/recovery/steps/${name}.ts`;
const localSide = "src/main/recovery/local-side.ts";
const plan = "src/shared/recovery/plan.ts";
const drafts = "src/shared/recovery/draft-notes.ts";
const writePlan = "src/shared/recovery/write-plan.ts";
const fields = "src/shared/recovery/field-decisions.ts";
const machine = "src/shared/reset-machine.ts";
const backup = "src/main/reset/backup.ts";
const reportStore = "src/main/recovery/report-store.ts";

/** Nothing looks at the tree after the writing. */
const straysStay = edit(step("check"), "store.commit([...home, ...strays]", "store.commit([]");
const putBackUnder = (parentId: string): Edit =>
  edit(writePlan, "parentId: place?.parentId ?? null,", `parentId: ${parentId},`);

const absentAreDeleted = `((name, input) => {
    const made = planWith(name, input);
    const absent = [...input.remote.values()].filter(({ id, isRoot }) => !input.local.has(id) && !isRoot);
    const trashed = absent.map((note) => ({ note: { ...note, deletedAtMs: 1 }, expect: note }));
    return { ...made, steps: [...made.steps, ...trashed] };
  })(strategy, {`;

export const mutations: readonly Mutation[] = [
  {
    name: "F1",
    flaw: "LastSynced is created where it is to be updated, and throws the second time",
    edits: [
      edit(
        "src/cli/proof/fakes/last-synced-realm.ts",
        "values.set(key, value);",
        'if (values.has(key)) throw new Error("existing primary key"); values.set(key, value);',
      ),
    ],
  },
  {
    name: "F2",
    flaw: "without a time of the last sync, nothing counts as unsynced",
    edits: [
      edit(
        localSide,
        "lastSynced.read(lastSyncedKey(appId, userId, generation))?.ackedThrough ?? 0,",
        "Number.MAX_SAFE_INTEGER,",
      ),
    ],
  },
  {
    name: "F3",
    flaw: "what was typed during the wait is acknowledged with the rest",
    edits: [edit(lastSynced, "ackedThrough: through, atMs", "ackedThrough: journal.lastSeq(), atMs")],
  },
  {
    name: "F4",
    flaw: "the tracker looks only when something was typed, not when it was uploaded",
    edits: [
      edit(
        lastSynced,
        'if (realm.connection() !== "connected") return;',
        'if (journal.lastSeq() === lookedAt) return; lookedAt = journal.lastSeq(); if (realm.connection() !== "connected") return;',
      ),
      edit(lastSynced, "let again = false;", "let again = false; let lookedAt = -1;"),
      edit(lastSynced, "if (again || !proved ||", "if (again ||"),
    ],
  },
  {
    name: "F5",
    flaw: "one direction that is done counts as both",
    edits: [edit(lastSynced, "await realm.waitForUpload(timeoutMs);", "")],
  },
  {
    name: "F6",
    flaw: "what was acknowledged is not looked for any more",
    edits: [
      edit(
        plan,
        "const wentBack = evidenceOfGoingBack(input, found, differing);",
        'const wentBack = "none" as WentBack;',
      ),
      edit(
        fields,
        "if (!isChanged(mine, pending, sameValue)) {\n    if (note.isEarlier) return",
        "if (!isChanged(mine, pending, sameValue)) {\n    if (false) return",
      ),
    ],
  },
  {
    name: "F7",
    flaw: "the text with the later clock wins",
    edits: [
      edit(
        fields,
        '  if (mine === theirs) return { kind: "same" };\n  if (note.isWrittenOver)',
        '  if (mine === theirs) return { kind: "same" };\n  if ((note.remote.lastUpdatedMs ?? 0) > (note.local.lastUpdatedMs ?? 0)) return { kind: "theirs" };\n  if (note.isWrittenOver)',
      ),
    ],
  },
  {
    name: "F8",
    flaw: "what a new file proves counts for the file left behind",
    edits: [
      edit(
        "src/cli/proof/fakes/last-synced-realm.ts",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
        "/${generation}/Note`",
        "/Note`",
      ),
    ],
  },
  {
    name: "F9",
    flaw: "a second way to write goes past the journal",
    edits: [
      edit(
        "src/main/notes/commit-changes.ts",
        "journal.append(changes, atMs, {",
        'if (changes[0]?.kind !== "text") journal.append(changes, atMs, {',
      ),
    ],
  },
  {
    name: "F10",
    flaw: "a wait that is refused is nobody's",
    edits: [edit(lastSynced, ".catch(() => false)", "")],
    oracles: ["unhandled"],
  },
  {
    name: "F11",
    flaw: "the whole note of this device is written over the server's",
    edits: [
      edit(
        fields,
        "const merged = mergeText(base, mine, theirs);",
        'const merged = { kind: "merged", text: mine };',
      ),
    ],
    oracles: ["O1"],
  },
  {
    name: "F12",
    flaw: "what this device does not have is deleted",
    edits: [edit(step("plan"), "planWith(strategy, {", absentAreDeleted)],
    oracles: ["O4"],
  },
  {
    name: "F13",
    flaw: "what the server lost is not put back",
    edits: [
      edit(
        drafts,
        "if (theirs === null) {",
        'if (theirs === null && known.created !== "unacked") continue;\n    if (theirs === null) {',
      ),
    ],
    oracles: ["O1"],
  },
  {
    name: "F14",
    flaw: "every note goes back to where this device had it",
    edits: [
      edit(
        fields,
        "if (!isChanged<Place>(local, pending, samePlace)) {",
        'if (!isChanged<Place>(local, pending, samePlace)) {\n    if (local) return { kind: "mine", lost: true };',
      ),
    ],
    oracles: ["O4"],
  },
  {
    name: "F15",
    flaw: "a note is put back under a parent that is not there",
    edits: [putBackUnder("local.id.replace(/^....../, 'ffffff')"), straysStay],
    oracles: ["O3"],
  },
  {
    name: "F16",
    flaw: "a note is put back under itself, by way of no matter how many others",
    edits: [putBackUnder("local.id"), straysStay],
    oracles: ["O3"],
  },
  {
    name: "F17",
    flaw: "a note that the server has no more is put back without a place",
    edits: [putBackUnder("null"), straysStay],
    oracles: ["O3"],
  },
  {
    name: "F18",
    flaw: "every other note is passed over",
    edits: [
      edit(
        drafts,
        "for (const mine of differing) {",
        "for (const mine of differing.filter((_note, index) => index % 2 === 0)) {",
      ),
    ],
    oracles: ["O1"],
  },
  {
    name: "F19",
    flaw: "a part of a note does not come along: that it was in the trash",
    edits: [edit(writePlan, "deletedAtMs: isLive ? null : local.deletedAtMs,", "deletedAtMs: null,")],
    seeds: 4_000,
  },
  {
    name: "F20",
    flaw: "texts of another version's copy cannot be read and are dropped",
    edits: [
      edit(
        "src/shared/recovery/field-map.ts",
        'row("retyped", "text", "string[]", "text", asLines),',
        'row("retyped", "text", "string[]", "text", () => ""),',
      ),
    ],
    oracles: ["O1"],
    world: "wide",
  },
  {
    name: "F20-kept",
    flaw: "what has no place in today's notes is told nowhere",
    edits: [edit("src/main/recovery/leftovers-of-copy.ts", "if (copied === null) return {};", "return {};")],
    oracles: ["O7"],
    world: "wide",
  },
  {
    name: "F21",
    flaw: "where two hands changed a text, the server's is taken",
    edits: [
      edit(
        fields,
        "const merged = mergeText(base, mine, theirs);",
        'if (base !== theirs) return { kind: "theirs" };\n  const merged = mergeText(base, mine, theirs);',
      ),
    ],
    oracles: ["O1"],
  },
  {
    name: "F22",
    flaw: "what was typed after the first copy is left in the file that is thrown away",
    edits: [
      edit(
        machine,
        'return { kind: "securing", facts: state.facts, copy: state.copy };',
        'return state.copy === null ? { kind: "securing", facts: state.facts, copy: null } : { kind: "resetting", facts: state.facts, copy: state.copy };',
      ),
      edit(localSide, "} = withJournalTail(backup, own, copied);", "} = backup;"),
    ],
    oracles: ["O1"],
  },
  {
    name: "F23",
    flaw: "nothing is written down before it is done",
    edits: [edit("src/main/reset/reset-driver.ts", "writeResetRecord(paths.resetRecord, after);", "")],
  },
  {
    name: "F24",
    flaw: "a recovery that was interrupted counts as done",
    edits: [
      edit(
        machine,
        '    case "resetting":\n    case "applying":\n    case "checking":\n    case "uploading":\n    case "reporting":\n      return state;\n  }\n}',
        '    case "resetting":\n      return state;\n    case "applying":\n    case "checking":\n    case "uploading":\n    case "reporting":\n      return { kind: "idle" };\n  }\n}',
      ),
    ],
    crashPoints: true,
  },
  {
    name: "F24-again",
    flaw: "what a recovery creates has other ids each time",
    edits: [
      edit(
        "src/shared/recovery/derived-id.ts",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
        "${noteId}/${purpose}`",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
        "${noteId}/${purpose}/${Date.now()}`",
      ),
    ],
    oracles: ["O5"],
  },
  {
    name: "F25",
    flaw: "everything is written in one transaction, which the server refuses as too large",
    edits: [
      edit(
        "src/main/recovery/steps/apply.ts",
        "afterRefusals(planned.steps, state.facts.halvings);",
        "{ ...afterRefusals(planned.steps, state.facts.halvings), batches: [[...planned.steps]] };",
      ),
    ],
    oracles: ["stuck"],
    world: "many",
  },
  {
    name: "F26",
    flaw: "after a second reset only the newest file is recovered from",
    edits: [
      edit(
        machine,
        ': { kind: "restarting", facts: again, copy: state.copy };',
        ': { kind: "protecting", facts: { ...again, generation: facts.generation, moved: false } };',
      ),
    ],
    oracles: ["O1"],
    seeds: 4_000,
  },
  {
    name: "F26-ahead",
    flaw: "notes that were read before the restart count, though something was written since",
    edits: [
      edit(localSide, "return isOf && manifest.sha256 === realmSha256 ? null :", "return isOf ? null :"),
    ],
  },
  {
    name: "F27",
    flaw: "a wait without an end",
    edits: [
      edit(
        step("download"),
        "await realm.waitForSubscriptions(roundMs)",
        "await new Promise(() => undefined)",
      ),
    ],
    oracles: ["stuck"],
  },
  {
    name: "F28",
    flaw: "nobody looks whether the server kept it",
    edits: [
      edit(step("report"), ".filter((step) => changesFor(step, notes).length > 0)", ".filter(() => false)"),
    ],
    oracles: ["O7"],
    seeds: 6_000,
  },
  {
    name: "F29",
    flaw: "a copy is not forced to the disk",
    edits: [edit(backup, "for (const file of readdirSync(folder)) await fsyncFile(join(folder, file));", "")],
    crashPoints: true,
  },
  {
    name: "F30",
    flaw: "the copy of an encrypted file is read without its key",
    edits: [
      edit(backup, "readBackupRealm(file, sealing);", "readBackupRealm(file, { ...sealing, realm: {} });"),
    ],
    oracles: ["stuck"],
    world: "wide",
  },
  {
    name: "F30-report",
    flaw: "the report of an encrypted folder is written in plain words",
    edits: [
      edit(
        reportStore,
        "renderReportMarkdown(report, markdown), sealing);",
        "renderReportMarkdown(report, markdown), plainSealing);",
      ),
      edit(reportStore, "import { readSealedJson,", "import { plainSealing, readSealedJson,"),
    ],
    oracles: ["sealed"],
    world: "wide",
  },
  {
    name: "F31",
    flaw: "all notes are read for each note that is written",
    edits: [
      edit(
        step("apply"),
        "const current = read(step.note.id);\n        const rebased",
        "const current = realm.readAll().notes.get(step.note.id) ?? null;\n        const rebased",
      ),
    ],
    oracles: ["work"],
    world: "many",
  },
  {
    name: "F32",
    flaw: "a second instance does not ask whether there is a first",
    edits: [edit("src/main/shell/only-instance.ts", "!app.requestSingleInstanceLock()", "false")],
    oracles: ["alone"],
    world: "wide",
  },
  {
    name: "F33",
    flaw: "who is removed from the computer leaves no copy behind",
    edits: [
      edit(
        "src/main/start-order.ts",
        'const failure = await copies.ofOthers(known, "facts" in state ? state.facts.originalPath : null);',
        "const failure: string | null = null;",
      ),
    ],
    oracles: ["O1"],
    world: "wide",
  },
  {
    name: "F34",
    flaw: "syncing that stopped for good is not told of",
    edits: [edit("src/main/reset/begin-reset.ts", "session?.noteSyncStopped(problem);", "")],
    oracles: ["stuck"],
  },
  {
    name: "tail",
    flaw: "what is written while a recovery waits for the fresh copy is not in the plan",
    edits: [edit(localSide, "} = withJournalTail(backup, own, copied);", "} = backup;")],
    oracles: ["O1"],
  },
  {
    name: "tail-after-plan",
    flaw: "what is written after the plan was made is answered as if it were in it",
    edits: [edit("src/main/shown-notes.ts", 'reset.kind !== "downloading" ||', '!("copy" in reset) ||')],
    oracles: ["O1"],
  },
  {
    name: "settled-late",
    flaw: "what a recovery came to is settled some moments after its record says that it is over",
    edits: [
      edit(
        step("report"),
        'store.remember((id) => local.kind !== "ok" || local.notes.has(id));',
        'setTimeout(() => store.remember((id) => local.kind !== "ok" || local.notes.has(id)), 2);',
      ),
    ],
    crashPoints: true,
  },
  {
    name: "zombies-again",
    flaw: "the second recovery of a day brings back what is in the trash",
    edits: [
      edit(
        step("plan"),
        "local: local.notes,",
        "local: facts.resetsToday < 2 ? local.notes : new Map([...local.notes].map(([id, each]) => [id, { ...each, deletedAtMs: null }])),",
      ),
    ],
    oracles: ["O2"],
    seeds: 2_000,
  },
  {
    name: "recipe",
    flaw: "the published recipe as it stands",
    edits: [
      edit(step("plan"), "planWith(strategy, {", "((_name, input) => literalRecipe(input))(strategy, {"),
      edit(
        step("plan"),
        'import { planWith, strategyInForce } from "../../../shared/recovery/strategies/strategy";',
        'import { strategyInForce } from "../../../shared/recovery/strategies/strategy";\nimport { literalRecipe } from "../../../shared/recovery/testing/literal-recipe";',
      ),
      straysStay,
    ],
    oracles: ["O1", "O3", "O4"],
    seeds: 100,
  },
];
