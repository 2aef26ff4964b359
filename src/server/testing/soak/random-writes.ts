/**
 * Random transactions on a real realm, and the tokens among them: changes that nobody ever undoes, so that each must be
 * found on the server in the end.
 */
import type Realm from "realm";
import type { Random } from "../random";
import type { Token, Written } from "./commands";
import { keyText } from "./dump";
import {
  type ClassSpec,
  keyField,
  type Property,
  propertiesOf,
  type ScalarType,
  type SoakSchema,
  tokenProperties,
  viewProperties,
} from "./random-schema";
import { randomKey, randomScalar } from "./random-values";
import { labels, matchesQuery, shelves, type ViewQuery } from "./view-query";

type SdkObject = Realm.Object & Record<string, unknown>;
type SdkList = Realm.List<unknown>;
type SdkSet = Realm.Set<unknown>;
type SdkDictionary = Record<string, unknown>;

export type WritingClient = {
  readonly realm: Realm;
  readonly schema: SoakSchema;
  readonly edition: 1 | 2;
  readonly ownerId: string;
  /** By class; a class without may not be written to. */
  readonly queries: ReadonlyMap<string, readonly ViewQuery[]>;
};

const fixedFields = new Set([...viewProperties, ...tokenProperties].map(({ name }) => name));
const longestList = 12;
const objectsPerClass = 40;

/** @param tokens begins the text of every token, and is used for no other call */
export function writeRandomly(
  client: WritingClient,
  random: Random,
  transactions: number,
  tokens: string,
): Written {
  const writer = new RandomWriter(client, random, tokens);
  for (let i = 0; i < transactions; i++) writer.transaction();
  return { operations: writer.operations, tokens: writer.committed };
}

class RandomWriter {
  readonly #client: WritingClient;
  readonly #random: Random;
  readonly #tokens: string;
  operations = 0;
  readonly committed: Token[] = [];
  #pending: Token[] = [];
  /** Objects of this transaction, which must still match a query at its end. */
  #created = new Set<string>();
  #tokenCount = 0;

  constructor(client: WritingClient, random: Random, tokens: string) {
    this.#client = client;
    this.#random = random;
    this.#tokens = tokens;
  }

  transaction(): void {
    this.#pending = [];
    this.#created = new Set();
    this.#client.realm.write(() => {
      const count = 1 + this.#random.below(5);
      for (let i = 0; i < count; i++) this.#change();
    });
    this.committed.push(...this.#pending);
  }

  #change(): void {
    const random = this.#random;
    const classes = this.#client.schema.filter(({ name }) => this.#client.queries.has(name));
    const spec = random.pick(classes);
    if (!spec) return;
    this.operations += 1;
    const objects = this.#objects(spec.name);
    const choice = random.below(20);
    const target = objects.length > 0 ? objects[random.below(objects.length)] : undefined;
    if (!target || (choice < 3 && objects.length < objectsPerClass)) this.#create(spec);
    else if (choice < 4 || objects.length > 2 * objectsPerClass) this.#erase(target);
    else if (choice < 8) this.#addToken(spec, target);
    else if (choice < 10) this.#move(spec, target);
    else this.#changeInside(target, spec);
  }

  #objects(className: string): Realm.Results<SdkObject> {
    return this.#client.realm.objects<SdkObject>(className);
  }

  #create(spec: ClassSpec): void {
    const random = this.#random;
    const { realm, ownerId, queries } = this.#client;
    const isShared = random.chance(0.25);
    const key = randomKey(random, spec.keyType ?? "int", isShared);
    if (realm.objectForPrimaryKey(spec.name, key as string)) return;
    const allowed = labels.flatMap((label) =>
      shelves
        .map((shelf) => ({ label, shelf }))
        .filter((place) => queries.get(spec.name)?.some((query) => matchesQuery(query, place))),
    );
    // Now and then outside of every query: the server must refuse it, and nothing else with it.
    const isDoomed = random.chance(0.02);
    const place = isDoomed ? { label: "doomed", shelf: 99 } : random.pick(allowed);
    if (!place) return;
    const kept = !isShared && !isDoomed && random.chance(0.6);
    realm.create(spec.name, {
      ...this.#singleValues(spec.name),
      ...{ [keyField]: key, owner_id: ownerId, kept, ...place },
    });
    const text = keyText(key);
    this.#created.add(`${spec.name}:${text}`);
    if (kept) this.#pending.push({ className: spec.name, key: text });
  }

  #erase(object: SdkObject): void {
    if (object.kept !== true) this.#client.realm.delete(object);
  }

  /** Into another place, perhaps out of somebody's view; the author's own included. */
  #move(spec: ClassSpec, object: SdkObject): void {
    if (this.#created.has(`${spec.name}:${keyText(object[keyField])}`) || object.label === "doomed") return;
    if (this.#random.chance(0.5)) object.shelf = this.#random.pick(shelves);
    else object.label = this.#random.pick(labels);
  }

  #addToken(spec: ClassSpec, object: SdkObject): void {
    if (object.kept !== true) return;
    const random = this.#random;
    this.#tokenCount += 1;
    const value = `${this.#tokens}-${this.#tokenCount}`;
    const field = random.pick(tokenProperties)?.name ?? "journal";
    switch (field) {
      case "journal": {
        const journal = object.journal as SdkList;
        journal.splice(random.below(journal.length + 1), 0, value);
        break;
      }
      case "marks":
        (object.marks as SdkSet).add(value);
        break;
      case "pages":
        // Not by its method `set`, which removes all other entries.
        (object.pages as SdkDictionary)[value] = value;
        break;
      default: {
        const sheets = object.sheets as SdkList;
        sheets.splice(random.below(sheets.length + 1), 0, { token: value, notes: ["first"] });
      }
    }
    this.#pending.push({ className: spec.name, key: keyText(object[keyField]), field, value });
  }

  #changeInside(object: SdkObject, spec: ClassSpec): void {
    const properties = propertiesOf(spec, this.#client.edition).filter(
      ({ name }) => !spec.keyType || !fixedFields.has(name),
    );
    const property = this.#random.pick(properties);
    if (!property || (property.holds === "link" && this.#objects(property.type).length === 0)) return;
    switch (property.collection) {
      case "single":
        this.#changeSingle(object, property);
        return;
      case "list":
        this.#changeList(object, property);
        return;
      case "set":
        this.#changeSet(object, property);
        return;
      case "dictionary":
        this.#changeDictionary(object, property);
    }
  }

  #changeSingle(object: SdkObject, property: Property): void {
    if (property.holds === "embedded" && this.#random.chance(0.75)) {
      const held = object[property.name] as SdkObject | null;
      if (held) {
        this.#changeInside(held, this.#spec(property.type));
        return;
      }
    }
    object[property.name] = this.#value(property);
  }

  #changeList(object: SdkObject, property: Property): void {
    const random = this.#random;
    const list = object[property.name] as SdkList;
    const size = list.length;
    const index = random.below(Math.max(1, size));
    const isEmbedded = property.holds === "embedded";
    if (size === 0 || (size < longestList && random.chance(0.35))) {
      list.splice(random.below(size + 1), 0, this.#value(property));
      return;
    }
    switch (random.below(8)) {
      case 0:
        object[property.name] = [];
        return;
      case 1:
      case 2:
        list.splice(index, 1);
        return;
      case 3: {
        // As apps move an element.
        if (isEmbedded) return;
        const [moved] = list.splice(index, 1);
        list.splice(random.below(size), 0, moved);
        return;
      }
      case 4:
        object[property.name] = [this.#value(property), this.#value(property)];
        return;
      default:
        if (isEmbedded) this.#changeInside(list[index] as SdkObject, this.#spec(property.type));
        else list[index] = this.#value(property);
    }
  }

  #changeSet(object: SdkObject, property: Property): void {
    const set = object[property.name] as SdkSet;
    const choice = this.#random.below(10);
    if (choice === 0) set.clear();
    else if (choice < 4) set.delete(this.#value(property));
    else set.add(this.#value(property));
  }

  #changeDictionary(object: SdkObject, property: Property): void {
    const random = this.#random;
    const dictionary = object[property.name] as SdkDictionary;
    const key = random.pick(["a", "b", "ключ", ""]) ?? "a";
    const isThere = Object.keys(dictionary).includes(key);
    const held = isThere && property.holds === "embedded" ? dictionary[key] : undefined;
    if (held && random.chance(0.7)) {
      this.#changeInside(held as SdkObject, this.#spec(property.type));
      return;
    }
    switch (random.below(8)) {
      case 0:
        object[property.name] = {};
        return;
      case 1:
      case 2:
        if (isThere) delete dictionary[key];
        return;
      default:
        dictionary[key] = this.#value(property);
    }
  }

  #value({ type, nullable, collection, holds }: Property): unknown {
    const random = this.#random;
    switch (holds) {
      case "scalar":
        // Not inside collections: the SDK cannot read one that holds a mixed link to an object that is gone.
        return randomScalar(random, type as ScalarType, nullable, () =>
          collection === "single" ? this.#someObject() : undefined,
        );
      case "link":
        return nullable && random.chance(0.2) ? null : (this.#someObject(type) ?? null);
      case "embedded":
        return nullable && collection === "single" && random.chance(0.3) ? null : this.#singleValues(type);
    }
  }

  /** For a new object: what it must have, and what an app usually gives at once. */
  #singleValues(className: string): Record<string, unknown> {
    const fields: Record<string, unknown> = {};
    for (const property of propertiesOf(this.#spec(className), this.#client.edition)) {
      if (property.collection === "single" && property.holds === "scalar" && !fixedFields.has(property.name))
        fields[property.name] = this.#value(property);
    }
    return fields;
  }

  #someObject(className?: string): SdkObject | undefined {
    const name =
      className ??
      this.#random.pick(this.#client.schema.filter(({ keyType }) => keyType && keyType !== "string"))?.name;
    if (name === undefined) return undefined;
    const objects = this.#objects(name);
    return objects.length === 0 ? undefined : objects[this.#random.below(objects.length)];
  }

  #spec(className: string): ClassSpec {
    const spec = this.#client.schema.find(({ name }) => name === className);
    if (!spec) throw new Error(`the schema has no class ${className}`);
    return spec;
  }
}
