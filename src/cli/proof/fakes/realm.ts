// Stands for src/main/realm/realm.ts, which loads the SDK: here nobody may.

export const Realm: unknown = new Proxy(
  {},
  {
    get(_target, name) {
      throw new Error(`the simulation has no Realm, and so no Realm.${String(name)}`);
    },
  },
);
