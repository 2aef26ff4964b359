/**
 * Random values as the SDK takes them, out of small pools, so that clients often write the same and sets coincide.
 *
 * In one pool, texts and binaries that differ also differ in length: realm-core's client takes two members that are
 * removed from a set at the same time for one and the same when they lie at the same place of their changesets (see
 * docs/realm.md), and only then of the same length.
 */
import Realm from "realm";
import type { Random } from "../random";
import { type KeyType, type ScalarType, scalarTypes } from "./random-schema";

const texts = ["", "a", "bb", "ccc", "dädä", "eeeee 🌱"];
// None is empty: the SDK takes that for null.
const binaries = [1, 2, 3, 4].map((size) => Uint8Array.from({ length: size }, (_, i) => 7 * i + size).buffer);
const objectIds = ["65a1f0c2d3e4b5a697887766", "000000000000000000000000", "ffffffffffffffffffffffff"];
const uuids = ["3b241101-e2bb-4255-8caf-4136c566a962", "00000000-0000-4000-8000-000000000000"];
const mixedTypes = scalarTypes.filter((type) => type !== "mixed" && type !== "int" && type !== "float");

export function randomScalar(
  random: Random,
  type: ScalarType,
  nullable: boolean,
  someObject: () => unknown,
): unknown {
  if (nullable && random.chance(0.15)) return null;
  switch (type) {
    case "int":
      return random.pick([0, 1, -1, 64, 2 ** 40, -(2 ** 40)]);
    case "bool":
      return random.chance(0.5);
    case "string":
      return random.pick(texts);
    case "data":
      return random.pick(binaries);
    case "date":
      return new Date(random.pick([0, -1, 1_700_000_000_123]) ?? 0);
    case "float":
      return random.pick([0, 1.5, -2.25, 1024]);
    case "double":
      return random.pick([0, 0.1, -1e300, 5e-324]);
    case "decimal128":
      return Realm.BSON.Decimal128.fromString(random.pick(["0", "1.5", "-3", "100", "0.001"]) ?? "0");
    case "objectId":
      return new Realm.BSON.ObjectId(random.pick(objectIds));
    case "uuid":
      return new Realm.BSON.UUID(random.pick(uuids));
    case "mixed":
      if (random.chance(0.2)) return someObject() ?? null;
      return randomScalar(random, random.pick(mixedTypes) ?? "bool", false, someObject);
  }
}

/** A key nobody else makes, or one of the few that everybody makes. */
export function randomKey(random: Random, type: KeyType, isShared: boolean): unknown {
  const number = isShared ? random.below(6) : 1000 + random.below(2 ** 31 - 1000);
  const hex = number.toString(16);
  switch (type) {
    case "int":
      return number;
    case "string":
      return `key-${number}`;
    case "objectId":
      return new Realm.BSON.ObjectId(hex.padStart(24, "0"));
    case "uuid":
      return new Realm.BSON.UUID(`00000000-0000-4000-8000-${hex.padStart(12, "0")}`);
  }
}
