// Whether a change of the schema is a breaking one, as Realm's automatic resets count it: a field that was there is
// gone, or is of another type. A new field breaks nothing. Compares names and types; reads no realm.

/** Fields of the class of notes by name, each with its type in Realm's short notation: `string?`, `Note[]`. */
export type Fields = ReadonlyMap<string, string>;

/** The fields of `before` that `now` has no place for, in words; empty: nothing breaks. */
export function brokenFields(before: Fields, now: Fields): readonly string[] {
  return [...before].flatMap(([name, type]) => {
    const typeNow = now.get(name);
    if (typeNow === undefined) return [`${name} is gone`];
    return typeNow === type ? [] : [`${name} was ${type} and is ${typeNow}`];
  });
}
