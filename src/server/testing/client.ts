/**
 * A program around the unmodified Realm SDK, driven over IPC by a test. A process of its own for every client, because
 * the SDK puts its files into the working directory of its process.
 */
import { readFileSync } from "node:fs";
import Realm from "realm";
import { answerCommands } from "./answering";
import { performAccountCommand, sdkCredentials } from "./client-accounts";
import type { Command, NoteDump, NoteFields, SyncErrorReport, Write } from "./client-commands";

type Note = Realm.Object & {
  _id: Realm.BSON.UUID;
  text: string;
  children: Realm.List<Note>;
  isRoot: boolean;
  owner_id: string;
  lastUpdated: Date | null;
  parentId: Realm.BSON.UUID | null;
  orderKey: string | null;
  deletedAt: Date | null;
};

let app: Realm.App | undefined;
let user: Realm.User | undefined;
let realm: Realm | undefined;
const errors: SyncErrorReport[] = [];
let errorArrived = (): void => {};

async function perform(command: Command): Promise<unknown> {
  switch (command.kind) {
    case "register":
      await appAt(command.url).emailPasswordAuth.registerUser({
        email: command.email,
        password: command.password,
      });
      return undefined;
    case "logIn":
      user = await appAt(command.url).logIn(sdkCredentials(command.credentials));
      return user.id;
    case "open":
      return open(command);
    case "subscribe": {
      const opened = theRealm();
      const { id } = theUser();
      const synchronised = opened.subscriptions.update((subscriptions) => {
        subscriptions.add(opened.objects("Note").filtered(command.query, id), { name: "notes" });
      });
      if (command.isAwaited) return synchronised;
      synchronised.catch(() => {});
      return undefined;
    }
    case "put":
      theRealm().write(() =>
        theRealm().create(command.className, { ...command.values }, Realm.UpdateMode.Modified),
      );
      return undefined;
    case "remove":
      theRealm().write(() =>
        theRealm().delete(theRealm().objectForPrimaryKey(command.className, command.key)),
      );
      return undefined;
    case "all":
      return newest()
        .objects<Realm.Object & { _id: string }>(command.className)
        .map((object) => JSON.parse(JSON.stringify(object)) as { _id: string })
        .sort((x, y) => (x._id < y._id ? -1 : 1));
    case "synchronised":
      return theRealm().subscriptions.waitForSynchronization();
    case "write": {
      const opened = theRealm();
      opened.write(() => {
        for (const write of command.writes) carryOut(opened, write);
      });
      return undefined;
    }
    case "uploaded":
      return theSession().uploadAllLocalChanges(30_000);
    case "downloaded":
      return theSession().downloadAllServerChanges(30_000);
    case "pause":
      return theSession().pause();
    case "resume":
      return theSession().resume();
    case "notes":
      return newest().objects<Note>("Note").map(dump).sort(byId);
    case "count":
      return newest().objects("Note").length;
    case "untilCount":
      return untilCount(command.count);
    case "errors":
      return errors;
    case "untilErrors":
      while (errors.length < command.count) {
        await new Promise<void>((resolve) => {
          errorArrived = resolve;
        });
      }
      return errors;
    case "close":
      realm?.close();
      realm = undefined;
      return undefined;
    case "exit":
      process.exit(0);
      break;
    default: {
      const performed = await performAccountCommand(command, theApp(), theUser);
      user = performed.user ?? user;
      return performed.value;
    }
  }
}

async function open(command: Extract<Command, { kind: "open" }>): Promise<string> {
  const { id } = theUser();
  const { query, classes = [] } = command;
  errors.length = 0;
  const config: Realm.Configuration = {
    schema: [
      noteSchema(command.noteText ?? "string", command.moreProperties),
      ...classes.map(({ name, properties }) => ({
        name,
        primaryKey: "_id",
        properties: { _id: "string", ...properties },
      })),
    ],
    sync: {
      user: theUser(),
      flexible: true,
      clientReset: { mode: Realm.ClientResetMode.Manual },
      error: (_session, error) => report(error),
      ...((query !== undefined || classes.length > 0) && {
        initialSubscriptions: {
          rerunOnOpen: true,
          update: (subscriptions, opened) => {
            if (query !== undefined)
              subscriptions.add(opened.objects("Note").filtered(query, id), { name: "notes" });
            for (const { name, query: wanted } of classes)
              subscriptions.add(opened.objects(name).filtered(wanted, id), { name });
          },
        },
      }),
    },
  };
  if (command.isImmediate) return openAtOnce(config, query);
  realm = await Realm.open(config);
  if (query !== undefined || classes.length > 0) await realm.subscriptions.waitForSynchronization();
  return realm.path;
}

function openAtOnce({ sync, ...config }: Realm.Configuration, query = "FALSEPREDICATE"): string {
  const { initialSubscriptions: _, ...rest } = sync as Realm.FlexibleSyncConfiguration;
  const opened = new Realm({ ...config, sync: rest } as Realm.Configuration);
  realm = opened;
  const wanted = opened.objects("Note").filtered(query, theUser().id);
  if (opened.subscriptions.findByQuery(wanted) === null) {
    opened.subscriptions
      .update((subscriptions) => {
        subscriptions.add(wanted, { name: "notes" });
      })
      .catch(() => {});
  }
  return opened.path;
}

function noteSchema(
  text: "string" | "int",
  moreProperties: Readonly<Record<string, string>> = {},
): Realm.ObjectSchema {
  return {
    name: "Note",
    primaryKey: "_id",
    properties: {
      _id: "uuid",
      text,
      children: "Note[]",
      isRoot: { type: "bool", default: false },
      owner_id: "string",
      lastUpdated: "date?",
      parentId: "uuid?",
      orderKey: "string?",
      deletedAt: "date?",
      ...moreProperties,
    },
  };
}

function carryOut(opened: Realm, write: Write): void {
  switch (write.kind) {
    case "create":
      opened.create("Note", {
        _id: new Realm.BSON.UUID(write.id),
        text: "",
        owner_id: theUser().id,
        ...sdkFields(write.fields ?? {}),
        children: (write.children ?? []).map((child) => note(opened, child)),
      });
      return;
    case "set":
      Object.assign(note(opened, write.id), sdkFields(write.fields));
      return;
    case "insertChild":
      note(opened, write.parent).children.splice(write.index, 0, note(opened, write.child));
      return;
    case "moveChild": {
      const { children } = note(opened, write.parent);
      const [moved] = children.splice(write.from, 1);
      if (moved) children.splice(write.to, 0, moved);
      return;
    }
    case "removeChild":
      note(opened, write.parent).children.splice(write.index, 1);
      return;
    case "delete":
      opened.delete(note(opened, write.id));
      return;
    case "createMany":
      for (let i = 0; i < write.count; i++) {
        opened.create("Note", { _id: new Realm.BSON.UUID(), text: write.text, owner_id: theUser().id });
      }
  }
}

function note(opened: Realm, id: string): Note {
  const found = opened.objectForPrimaryKey<Note>("Note", new Realm.BSON.UUID(id));
  if (!found) throw new Error(`there is no note ${id}`);
  return found;
}

function sdkFields(fields: NoteFields): Record<string, unknown> {
  const { owner, lastUpdatedMs, parentId, deletedAtMs, ...same } = fields;
  return {
    ...same,
    ...(owner !== undefined && { owner_id: owner }),
    ...(lastUpdatedMs !== undefined && {
      lastUpdated: lastUpdatedMs === null ? null : new Date(lastUpdatedMs),
    }),
    ...(parentId !== undefined && { parentId: parentId === null ? null : new Realm.BSON.UUID(parentId) }),
    ...(deletedAtMs !== undefined && { deletedAt: deletedAtMs === null ? null : new Date(deletedAtMs) }),
  };
}

function dump(found: Note): NoteDump {
  return {
    id: found._id.toString(),
    text: found.text,
    children: found.children.map((child) => child._id.toString()),
    isRoot: found.isRoot,
    owner: found.owner_id,
    lastUpdatedMs: found.lastUpdated?.getTime() ?? null,
    parentId: found.parentId?.toString() ?? null,
    orderKey: found.orderKey,
    deletedAtMs: found.deletedAt?.getTime() ?? null,
  };
}

function byId(a: NoteDump, b: NoteDump): number {
  return a.id < b.id ? -1 : 1;
}

function untilCount(count: number): Promise<void> {
  const notes = theRealm().objects("Note");
  return new Promise((resolve) => {
    const listener = (): void => {
      if (notes.length !== count) return;
      notes.removeListener(listener);
      resolve();
    };
    notes.addListener(listener);
  });
}

/** The declared type of the error is wrong in this version: see docs/protocol.md. */
function report(error: unknown): void {
  const { name, message, code, isFatal, config, category } = error as {
    category: string;
    name: string;
    message: string;
    code?: number;
    isFatal?: boolean;
    config?: { path?: string };
  };
  // The others are about the network: a refused connection, for one.
  if (!category.startsWith("realm::sync")) return;
  errors.push({ name, message, code, isFatal, configPath: config?.path });
  errorArrived();
}

function appAt(url: string): Realm.App {
  app ??= new Realm.App({ id: "perennial", baseUrl: url });
  return app;
}

function theApp(): Realm.App {
  if (!app) throw new Error("the client knows no server yet");
  return app;
}

function theUser(): Realm.User {
  if (!user) throw new Error("nobody is logged in");
  return user;
}

function theRealm(): Realm {
  if (!realm) throw new Error("no realm is open");
  return realm;
}

/** The realm as the sync client left it: else it moves on only when the event loop is idle. */
function newest(): Realm {
  const opened = theRealm();
  opened.beginTransaction();
  opened.cancelTransaction();
  return opened;
}

function theSession(): Realm.App.Sync.Session {
  const session = theRealm().syncSession;
  if (!session) throw new Error("the realm has no session");
  return session;
}

if (process.env.REALM_LOG) {
  Realm.App.Sync.setLogLevel(appAt(process.env.REALM_URL ?? ""), process.env.REALM_LOG as "all");
}

// A second argument lets a person replay a list of commands without a test.
const script = process.argv[2];
if (script !== undefined) {
  for (const command of JSON.parse(readFileSync(script, "utf8")) as Command[]) {
    console.log(command.kind, await perform(command));
  }
  process.exit(0);
}

answerCommands(perform);
