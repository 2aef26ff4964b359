/**
 * A client of the soak: the unmodified Realm SDK in a process of its own, driven over IPC. What it writes at random it
 * decides itself, from a seed, because only it knows what its realm holds at that moment.
 */
import Realm from "realm";
import { answerCommands } from "../answering";
import { Random } from "../random";
import type { ReplicaDump, SoakCommand, SoakError, Written } from "./commands";
import { dumpRealm } from "./dump";
import { type SoakSchema, sdkSchema } from "./random-schema";
import { writeRandomly } from "./random-writes";
import { queryText, randomQuery, type ViewQuery } from "./view-query";

type Opened = {
  readonly realm: Realm;
  readonly ownerId: string;
  readonly schema: SoakSchema;
  readonly edition: 1 | 2;
};

let opened: Opened | undefined;
let errors: SoakError[] = [];
let subscribed: Promise<void> = Promise.resolve();
/** Kept, because the SDK gives up waiting for what nobody holds any more. */
let watched: Realm.App.Sync.SubscriptionSet | undefined;
let hasWhatItAskedFor = false;

async function perform(command: SoakCommand): Promise<unknown> {
  switch (command.kind) {
    case "open":
      return open(command);
    case "write": {
      // Realm's client loses its history when it writes to what a bootstrap is just bringing (docs/realm.md).
      if (!hasWhatItAskedFor) return { operations: 0, tokens: [] } satisfies Written;
      const { seed, transactions, tokens } = command;
      const client = { ...theClient(), queries: subscribedQueries(theClient().realm) };
      return writeRandomly(client, new Random(seed), transactions, tokens);
    }
    case "subscribe":
      subscribe(command.seed);
      return undefined;
    case "pause":
      theSession().pause();
      return undefined;
    case "resume":
      theSession().resume();
      return undefined;
    case "uploaded":
      return happens(theSession().uploadAllLocalChanges(command.limitMs));
    case "downloaded":
      return happens(theSession().downloadAllServerChanges(command.limitMs));
    case "subscribed":
      return Promise.race([happens(watched?.waitForSynchronization() ?? subscribed), after(command.limitMs)]);
    case "dump": {
      const { realm, schema, edition } = theClient();
      // The realm as the sync client left it: else it moves on only when the event loop is idle.
      realm.beginTransaction();
      realm.cancelTransaction();
      const queries: Record<string, string> = {};
      for (const [className, list] of subscribedQueries(realm))
        queries[className] = list.map((query) => `(${queryText(query)})`).join(" OR ");
      return { objects: dumpRealm(realm, schema, edition), queries } satisfies ReplicaDump;
    }
    case "errors": {
      const reported = errors;
      errors = [];
      return reported;
    }
  }
}

async function open(command: Extract<SoakCommand, { kind: "open" }>): Promise<string> {
  opened?.realm.close();
  const app = new Realm.App({ id: "perennial", baseUrl: command.url });
  const user =
    app.currentUser ?? (await app.logIn(Realm.Credentials.emailPassword(command.email, command.password)));
  const { schema, edition } = command;
  const realm = new Realm({
    schema: sdkSchema(schema, edition),
    sync: {
      user,
      flexible: true,
      clientReset: { mode: Realm.ClientResetMode.Manual },
      error: (_session, error) => report(error),
    },
  });
  opened = { realm, ownerId: user.id, schema, edition };
  watched = undefined;
  hasWhatItAskedFor = false;
  subscribed = Promise.resolve();
  // Version 0 is a realm that never asked for anything. An empty set of a later version has to be waited for like any other.
  if (Number(realm.subscriptions.version) > 0) watchSubscriptions(realm);
  return user.id;
}

/** One or two queries a class, or for some class none. */
function subscribe(seed: number | "everything"): void {
  const { realm, schema } = theClient();
  const random = new Random(seed === "everything" ? 0 : seed);
  const updated = realm.subscriptions.update((subscriptions) => {
    subscriptions.removeAll();
    for (const { name, keyType } of schema) {
      if (!keyType) continue;
      const count = seed === "everything" || random.chance(0.85) ? 1 + random.below(2) : 0;
      for (let i = 0; i < (seed === "everything" ? 1 : count); i++) {
        const query: ViewQuery = seed === "everything" ? { kind: "all" } : randomQuery(random);
        subscriptions.add(realm.objects(name).filtered(queryText(query)), {
          name: `${name} ${JSON.stringify(query)}`,
        });
      }
    }
  });
  updated.catch(() => {});
  watchSubscriptions(realm);
}

function watchSubscriptions(realm: Realm): void {
  const asked = realm.subscriptions;
  watched = asked;
  hasWhatItAskedFor = false;
  subscribed = asked.waitForSynchronization();
  subscribed.then(
    () => {
      if (watched === asked) hasWhatItAskedFor = true;
    },
    () => {},
  );
}

/** Their names say what they ask for. */
function subscribedQueries(realm: Realm): Map<string, ViewQuery[]> {
  const queries = new Map<string, ViewQuery[]>();
  for (const { objectType, name } of realm.subscriptions as Iterable<{ objectType: string; name: string }>) {
    const query = JSON.parse(name.slice(objectType.length + 1)) as ViewQuery;
    queries.set(objectType, [...(queries.get(objectType) ?? []), query]);
  }
  return queries;
}

async function happens(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch {
    return false;
  }
}

function after(limitMs: number): Promise<boolean> {
  return new Promise((resolve) => setTimeout(() => resolve(false), limitMs));
}

/** Those of category network come and go with the connection. */
function report(error: unknown): void {
  const { name, message, code, category } = error as SoakError & { category?: string };
  if (category?.startsWith("realm::sync")) errors.push({ name, message, code });
}

function theClient(): Opened {
  if (!opened) throw new Error("no realm is open");
  return opened;
}

function theSession(): Realm.App.Sync.Session {
  const session = theClient().realm.syncSession;
  if (!session) throw new Error("the realm has no session");
  return session;
}

answerCommands(perform);
