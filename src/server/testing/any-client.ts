/**
 * A program around the unmodified Realm SDK for any schema, any mode of client reset and several users at once, driven
 * over IPC by a test.
 */
import Realm from "realm";
import { answerCommands } from "./answering";
import type { AnyCommand, AnyEvent, Plain, PlainFields, Progress, Step } from "./any-commands";

type Opened = {
  readonly user: Realm.User;
  realm: Realm | undefined;
  readonly events: AnyEvent[];
  readonly progress: [number, number][];
};

let app: Realm.App | undefined;
const users = new Map<string, Opened>();
let eventCame = (): void => {};

async function perform(command: AnyCommand): Promise<unknown> {
  switch (command.kind) {
    case "multiplex":
      Realm.App.Sync.enableSessionMultiplexing(appAt(command.url));
      return undefined;
    case "logIn": {
      const { email, password } = command;
      const at = appAt(command.url);
      if (command.isNew) await at.emailPasswordAuth.registerUser({ email, password });
      const user = await at.logIn(Realm.Credentials.emailPassword(email, password));
      users.set(command.as ?? email, { user, realm: undefined, events: [], progress: [] });
      return user.id;
    }
    case "open":
      return open(command);
    case "subscribe": {
      const { realm, user } = opened(command.user);
      await realm.subscriptions.update((subscriptions) => {
        for (const [className, query] of Object.entries(command.queries)) {
          if (query === null) subscriptions.removeByName(className);
          else subscriptions.add(realm.objects(className).filtered(query, user.id), { name: className });
        }
      });
      return undefined;
    }
    case "create": {
      const { realm } = opened(command.user);
      realm.write(() => {
        for (const fields of command.objects)
          realm.create(command.className, sdkValues(realm, fields), Realm.UpdateMode.Modified);
      });
      return undefined;
    }
    case "erase": {
      const { realm } = opened(command.user);
      realm.write(() => realm.delete(objectOf(realm, command.className, command.key)));
      return undefined;
    }
    case "edit": {
      const { realm } = opened(command.user);
      realm.write(() => {
        for (const step of command.steps) carryOut(realm, step);
      });
      return undefined;
    }
    case "dump": {
      const { realm } = opened(command.user);
      // The realm as the sync client left it: else it moves on only when the event loop is idle.
      realm.beginTransaction();
      realm.cancelTransaction();
      const schema = schemaOf(realm, command.className);
      const dumped = realm
        .objects(command.className)
        .map((object) => fieldsOf(realm, schema, object as unknown as Fields));
      return dumped.sort(byText);
    }
    case "uploaded":
      return sessionOf(command.user).uploadAllLocalChanges(60_000);
    case "downloaded":
      return sessionOf(command.user).downloadAllServerChanges(60_000);
    case "pause":
      return sessionOf(command.user).pause();
    case "resume":
      return sessionOf(command.user).resume();
    case "close": {
      const entry = users.get(command.user);
      entry?.realm?.close();
      if (entry) entry.realm = undefined;
      return undefined;
    }
    case "watch": {
      const { progress } = entryOf(command.user);
      progress.length = 0;
      sessionOf(command.user).addProgressNotification(
        command.direction as never,
        command.mode as never,
        (transferred, transferable) => void progress.push([transferred, transferable]),
      );
      return undefined;
    }
    case "watched":
      return entryOf(command.user).progress satisfies Progress;
    case "exit":
      return process.exit(0);
    case "events":
      return entryOf(command.user).events;
    case "untilEvent": {
      const { events } = entryOf(command.user);
      while (!events.some(({ name }) => name === command.name)) {
        await new Promise<void>((resolve) => {
          eventCame = resolve;
        });
      }
      return events;
    }
  }
}

async function open(command: Extract<AnyCommand, { kind: "open" }>): Promise<string> {
  const entry = entryOf(command.user);
  const note = (name: string, detail = ""): void => {
    entry.events.push({ name, detail });
    eventCame();
  };
  const mode = command.resetMode ?? "manual";
  const clientReset = {
    mode,
    ...(mode !== "manual" && {
      onBefore: () => note("before"),
      onAfter: () => note("after"),
      onRecovery: () => note("recovery"),
      onDiscard: () => note("discard"),
      onFallback: () => note("fallback"),
    }),
  };
  const config = {
    schema: command.schema,
    ...(command.path !== undefined && { path: command.path }),
    sync: {
      user: entry.user,
      flexible: true,
      clientReset,
      error: (_session: unknown, error: { name: string; message: string; category?: string }) => {
        // The others are about the network: a refused connection, for one.
        if (error.category?.startsWith("realm::sync")) note(error.name, error.message);
      },
      initialSubscriptions: {
        rerunOnOpen: true,
        update: (subscriptions: Realm.App.Sync.MutableSubscriptionSet, realm: Realm) => {
          for (const [className, query] of Object.entries(command.queries))
            subscriptions.add(realm.objects(className).filtered(query, entry.user.id), { name: className });
        },
      },
    },
  } as unknown as Realm.Configuration;
  entry.realm = await Realm.open(config);
  await entry.realm.subscriptions.waitForSynchronization();
  return entry.realm.path;
}

function carryOut(realm: Realm, { className, key, path, call, args }: Step): void {
  let target = objectOf(realm, className, key) as unknown as Record<string | number, unknown>;
  const last = call === undefined ? path.at(-1) : undefined;
  for (const step of call === undefined ? path.slice(0, -1) : path)
    target = target[step] as Record<string | number, unknown>;
  const values = args.map((value) => sdkValue(realm, value));
  if (last !== undefined) target[last] = values[0];
  else if (call !== undefined) (target[call] as (...values: unknown[]) => unknown)(...values);
}

type Fields = Record<string, unknown>;

function fieldsOf(realm: Realm, schema: Realm.CanonicalObjectSchema, object: Fields): PlainFields {
  const names = Object.keys(schema.properties);
  return Object.fromEntries(names.map((name) => [name, plainOf(realm, object[name])]));
}

function plainOf(realm: Realm, value: unknown): Plain {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return { number: Object.is(value, -0) ? "-0" : String(value) };
  if (value instanceof ArrayBuffer) return { data: Buffer.from(value).toString("base64") };
  if (value instanceof Date) return { date: value.getTime() };
  // The SDK makes them by a copy of their classes of its own.
  switch ((value as { _bsontype?: string })._bsontype) {
    case "ObjectID":
    case "ObjectId":
      return { objectId: (value as Realm.BSON.ObjectId).toHexString() };
    case "Decimal128":
      return { decimal: (value as Realm.BSON.Decimal128).toString() };
  }
  if (value instanceof Realm.BSON.UUID) return { uuid: value.toHexString(true) };
  if (value instanceof Realm.Object) {
    const schema = value.objectSchema() as unknown as Realm.CanonicalObjectSchema;
    const object = value as unknown as Fields;
    if (schema.embedded) return { embedded: fieldsOf(realm, schema, object) };
    return { link: [schema.name, plainOf(realm, object[schema.primaryKey ?? ""])] };
  }
  const plain = (item: unknown): Plain => plainOf(realm, item);
  if (value instanceof Realm.Dictionary) {
    const dictionary = value as unknown as Fields;
    const keys = Object.keys(dictionary).sort();
    return { dictionary: Object.fromEntries(keys.map((key) => [key, plain(dictionary[key])])) };
  }
  if (value instanceof Realm.Set) return { set: [...value].map(plain).sort(byText) };
  if (Symbol.iterator in (value as object)) return { list: [...(value as Iterable<unknown>)].map(plain) };
  throw new Error(`a value of an unknown kind: ${String(value)}`);
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

function sdkValue(realm: Realm, plain: Plain): unknown {
  if (plain === null || typeof plain !== "object") return plain;
  if ("number" in plain) return Number(plain.number);
  if ("data" in plain) return new Uint8Array(Buffer.from(plain.data, "base64")).buffer;
  if ("date" in plain) return new Date(plain.date);
  if ("objectId" in plain) return new Realm.BSON.ObjectId(plain.objectId);
  if ("uuid" in plain) return new Realm.BSON.UUID(Buffer.from(plain.uuid.replaceAll("-", ""), "hex"));
  if ("decimal" in plain) return Realm.BSON.Decimal128.fromString(plain.decimal);
  if ("link" in plain) return objectOf(realm, plain.link[0], plain.link[1]);
  if ("list" in plain) return plain.list.map((item) => sdkValue(realm, item));
  if ("set" in plain) return plain.set.map((item) => sdkValue(realm, item));
  return sdkValues(realm, "dictionary" in plain ? plain.dictionary : plain.embedded);
}

function sdkValues(realm: Realm, fields: PlainFields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, sdkValue(realm, value)]));
}

function objectOf(realm: Realm, className: string, key: Plain): Realm.Object {
  const found = realm.objectForPrimaryKey(className, sdkValue(realm, key) as never);
  if (!found) throw new Error(`there is no ${className} ${JSON.stringify(key)}`);
  return found as unknown as Realm.Object;
}

function schemaOf(realm: Realm, className: string): Realm.CanonicalObjectSchema {
  const schema = realm.schema.find(({ name }) => name === className);
  if (!schema) throw new Error(`there is no class ${className}`);
  return schema as unknown as Realm.CanonicalObjectSchema;
}

function appAt(url: string): Realm.App {
  app ??= new Realm.App({ id: "perennial", baseUrl: url });
  return app;
}

function entryOf(user: string): Opened {
  const entry = users.get(user);
  if (!entry) throw new Error(`${user} is not logged in`);
  return entry;
}

function opened(user: string): { readonly realm: Realm; readonly user: Realm.User } {
  const entry = entryOf(user);
  if (!entry.realm) throw new Error(`no realm of ${user} is open`);
  return { realm: entry.realm, user: entry.user };
}

function sessionOf(user: string): Realm.App.Sync.Session {
  const session = opened(user).realm.syncSession;
  if (!session) throw new Error("the realm has no session");
  return session;
}

answerCommands(perform);
