// What the edit journal costs: time beside the write it belongs to, disk beside the realm after a month of ordinary
// work, and the time to read it at the start. Real Realm, a real server, real files in a folder that goes afterwards.

import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { startServerProcess } from "../src/cli/scenario/server-process";
import { ackedFile, type Journal, journalFile, openJournal, readJournals } from "../src/main/notes/journal";
import { compactJournals } from "../src/main/notes/journal-retention";
import { rootIdOf } from "../src/main/notes/known-notes";
import { createNoteStore, type NoteStore } from "../src/main/notes/note-store";
import { openSeenStates } from "../src/main/notes/seen";
import { type NoteRealm, openNoteRealm } from "../src/main/realm/note-realm";
import { openRealmApp } from "../src/main/realm/realm-app";
import { noteSchemas } from "../src/main/realm/schema";
import { plainSealing } from "../src/main/sealed-file";
import type { NoteId } from "../src/shared/note";
import type { NoteChange } from "../src/shared/note-change";
import { keysBetween } from "../src/shared/order-key";

const help = `What the edit journal costs.

  npm run bench:journal -- [--notes N] [--edits N] [--json]

  --notes N   notes in the realm before the month begins (5000)
  --edits N   edits a day (150), in fifteen notes; with them come ten new notes a day
  --json      the last line on the output is one JSON object

Exit codes: 0 measured, 1 something failed, 2 the command cannot be understood
`;

type Options = { readonly notes: number; readonly edits: number; readonly json: boolean };

const dayMs = 24 * 60 * 60 * 1_000;
const daysOfWork = 30;
const newNotesADay = 10;
const notesADay = 15;
const readEntries = 100_000;
const timedEdits = 3_000;
const editsAlone = 500;

function readOptions(): Options | null {
  const { values } = parseArgs({
    options: {
      notes: { type: "string", default: "5000" },
      edits: { type: "string", default: "150" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return null;
  }
  const notes = Number(values.notes);
  const edits = Number(values.edits);
  if (!Number.isInteger(notes) || !Number.isInteger(edits) || notes < 1 || edits < 1) {
    throw new TypeError("--notes and --edits take whole numbers above 0");
  }
  return { notes, edits, json: values.json };
}

/** About one and a half kilobytes, as notes are. */
function words(seed: number): string {
  let text = `# Note ${seed}\n`;
  for (let line = 0; line < 24; line += 1)
    text += `line ${line} of ${seed}: something that was written down then\n`;
  return text;
}

function creation(id: number, orderKey: string, parentId: NoteId): NoteChange {
  const note = {
    id: idOf(id),
    text: words(id),
    isRoot: false,
    parentId,
    orderKey,
    childIds: [],
    deletedAtMs: null,
    lastUpdatedMs: null,
  };
  return { kind: "create", note };
}

function idOf(number: number): NoteId {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}` as NoteId;
}

/** One line more, as somebody who types leaves it. */
function typeInto(store: NoteStore, id: NoteId, what: string): void {
  const before = store.read(id)?.text ?? "";
  store.commit([{ kind: "text", id, before, after: `${before}${what}\n` }]);
}

async function upload(realm: NoteRealm): Promise<void> {
  await realm.waitForUpload(120_000);
}

async function measure(options: Options, folder: string) {
  const server = await startServerProcess(resolve("out/node/server.cjs"), join(folder, "server"));
  mkdirSync(join(folder, "client"));
  process.chdir(join(folder, "client"));
  try {
    const login = await openRealmApp("perennial", server.url).logInAnonymously();
    if (login.kind !== "ok") throw new Error(login.message);
    const opened = openNoteRealm(login.user, noteSchemas.current, plainSealing, (problem) =>
      console.error(problem.message),
    );
    if (opened.kind !== "ok") throw new Error(opened.message);
    const { realm } = opened;
    await realm.waitForSubscriptions(60_000);
    return await measureIn(options, realm, login.user.id, join(folder, "journal"));
  } finally {
    await server.stop();
  }
}

async function measureIn(options: Options, realm: NoteRealm, userId: string, journals: string) {
  const today = Date.now();
  let clock = today - 2 * daysOfWork * dayMs;
  const header = { version: 1, userId, generation: "g", ordinal: 1, createdAtMs: clock } as const;
  const fail = (error: Error) => {
    throw error;
  };
  const journal = openJournal(journals, header, 1, fail, plainSealing);
  let writingMs = 0;
  const timed: Journal = {
    ...journal,
    append(...args) {
      const began = performance.now();
      const seq = journal.append(...args);
      writingMs += performance.now() - began;
      return seq;
    },
  };
  const store = createNoteStore({
    realm,
    remember: true,
    isUntouched: false,
    journal: timed,
    seen: openSeenStates(join(journals, "..", "seen.log"), plainSealing, fail),
    rootId: rootIdOf(userId),
    now: () => clock,
    onChange: () => undefined,
    onForeignText: () => undefined,
    onCommit: () => undefined,
    onLoss: () => undefined,
  });
  store.ensureRoot();

  const keys = keysBetween(null, null, options.notes + daysOfWork * newNotesADay);
  for (let made = 0; made < options.notes; made += 100) {
    const batch = keys.slice(made, Math.min(made + 100, options.notes));
    store.commit(batch.map((key, index) => creation(made + index, key, store.rootId)));
  }
  await upload(realm);
  console.error(`${options.notes} notes are there`);

  for (let day = 0; day < daysOfWork; day += 1) {
    clock = today - (daysOfWork - day) * dayMs + 60_000;
    for (let made = 0; made < newNotesADay; made += 1) {
      const number = options.notes + day * newNotesADay + made;
      store.commit([creation(number, keys[number] ?? "z", store.rootId)]);
    }
    for (let edit = 0; edit < options.edits; edit += 1) {
      const note = (day * notesADay + (edit % notesADay)) * 31;
      typeInto(store, idOf(note % options.notes), `day ${day}, edit ${edit}`);
      await new Promise((turn) => setImmediate(turn));
    }
    await upload(realm);
  }
  clock = today;
  console.error(`${daysOfWork} days of work are done`);
  const wholeJournalBytes = statSync(journalFile(journals, userId, "g")).size;

  writingMs = 0;
  const began = performance.now();
  for (let edit = 0; edit < timedEdits; edit += 1) {
    typeInto(store, idOf(edit % options.notes), `timed ${edit}`);
    // As between two keystrokes: what waits for its turn gets it.
    await new Promise((turn) => setImmediate(turn));
  }
  const writeMs = (performance.now() - began) / timedEdits;
  const appendMs = writingMs / timedEdits;
  await upload(realm);
  journal.flush();

  // One by one, as by hand, each is forced to the disk by itself, aside: what counts is what this thread does for it.
  writingMs = 0;
  let handingMs = 0;
  let asideMs = 0;
  let aloneMs = 0;
  for (let edit = 0; edit < editsAlone; edit += 1) {
    const typed = performance.now();
    typeInto(store, idOf(edit % options.notes), `alone ${edit}`);
    const handed = performance.now();
    const flushed = journal.flushAside();
    const ended = performance.now();
    aloneMs += ended - typed;
    handingMs += ended - handed;
    await flushed;
    asideMs += performance.now() - ended;
    await new Promise((turn) => setImmediate(turn));
  }
  const alone = {
    aloneMs: aloneMs / editsAlone,
    aloneAppendMs: writingMs / editsAlone,
    aloneHandingMs: handingMs / editsAlone,
    aloneShare: (writingMs + handingMs) / aloneMs,
    asideMs: asideMs / editsAlone,
  };
  await upload(realm);

  const acked = journal.lastSeq();
  journal.close();
  compactJournals(
    journals,
    readJournals(journals, userId, plainSealing).journals,
    "g",
    acked,
    today,
    plainSealing,
  );
  const journalBytes = [journalFile, ackedFile]
    .map((fileOf) => statSync(fileOf(journals, userId, "g")).size)
    .reduce((sum, size) => sum + size);
  // The file itself grows with what it once held; a copy is what the notes need.
  const copy = join(journals, "..", "copy.realm");
  realm.writeCopyTo(copy);
  const realmBytes = statSync(copy).size;
  const realmFileBytes = statSync(realm.path).size;
  realm.close();
  return {
    writeMs,
    appendMs,
    appendShare: appendMs / writeMs,
    ...alone,
    wholeJournalBytes,
    journalBytes,
    realmBytes,
    realmFileBytes,
    diskShare: journalBytes / realmBytes,
  };
}

/** A journal of so many entries that nobody has compacted, read as at the start of the app. */
function measureReading(folder: string) {
  const header = { version: 1, userId: "u", generation: "g", ordinal: 1, createdAtMs: 0 } as const;
  const fail = (error: Error) => {
    throw error;
  };
  const journal = openJournal(folder, header, 1, fail, plainSealing);
  for (let entry = 0; entry < readEntries; entry += 100) {
    const changes = Array.from({ length: 100 }, (_, index): NoteChange => {
      const before = entry === 0 ? "" : `words ${entry - 100 + index}`;
      return { kind: "text", id: idOf(index), before, after: `words ${entry + index}` };
    });
    journal.append(changes, 1);
  }
  journal.close();
  const began = performance.now();
  const { journals } = readJournals(folder, "u", plainSealing);
  const again = openJournal(folder, header, 1, fail, plainSealing, journals[0]?.decoded);
  const readMs = performance.now() - began;
  const pending = again.pendingSince(0).notes;
  again.close();
  if (pending !== 100) throw new Error(`the journal tells of ${pending} notes`);
  return { readEntries, readMs, readBytes: statSync(journalFile(folder, "u", "g")).size };
}

async function main(): Promise<number> {
  let options: Options | null;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    return 2;
  }
  if (options === null) return 0;
  const folder = mkdtempSync(join(tmpdir(), "perennial-bench-journal-"));
  const home = process.cwd();
  try {
    const reading = measureReading(join(folder, "reading"));
    const result = { ...(await measure(options, folder)), ...reading };
    if (options.json) console.log(JSON.stringify(result));
    else console.table(result);
    return 0;
  } catch (error) {
    console.error(`The journal could not be measured: ${(error as Error).message}`);
    return 1;
  } finally {
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  }
}

void main().then((code) => process.exit(code));
