/**
 * The objects as one changeset sees them: reads go to what is stored, writes stay here until somebody takes them.
 * Throwing the overlay away undoes everything.
 */
import { objectKey, type PrimaryKey } from "../changeset";
import { copyDocument, type Document } from "./document";

export type ReadObject = (table: string, pk: PrimaryKey) => Document | undefined;

export type TouchedObject = {
  readonly table: string;
  readonly pk: PrimaryKey;
  readonly before: Document | undefined;
  after: Document | undefined;
};

export class ObjectOverlay {
  readonly #read: ReadObject;
  readonly #touched = new Map<string, TouchedObject>();

  constructor(read: ReadObject) {
    this.#read = read;
  }

  /** In the order of first touch. */
  get touched(): readonly TouchedObject[] {
    return [...this.#touched.values()];
  }

  has(table: string, pk: PrimaryKey): boolean {
    return this.#touched.has(objectKey(table, pk));
  }

  read(table: string, pk: PrimaryKey): Document | undefined {
    const touched = this.#touched.get(objectKey(table, pk));
    return touched ? touched.after : this.#read(table, pk);
  }

  /** The object, to be changed in place; undefined when there is none. */
  edit(table: string, pk: PrimaryKey): Document | undefined {
    return this.#touch(table, pk).after;
  }

  create(table: string, pk: PrimaryKey): void {
    const object = this.#touch(table, pk);
    object.after ??= new Map();
  }

  erase(table: string, pk: PrimaryKey): void {
    this.#touch(table, pk).after = undefined;
  }

  #touch(table: string, pk: PrimaryKey): TouchedObject {
    const key = objectKey(table, pk);
    const known = this.#touched.get(key);
    if (known) return known;
    const before = this.#read(table, pk);
    const touched = { table, pk, before, after: before && copyDocument(before) };
    this.#touched.set(key, touched);
    return touched;
  }
}
