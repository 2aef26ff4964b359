/**
 * A client that makes random changes to a realm it keeps track of, so that what it writes makes sense: indices lie
 * within lists, prior sizes are true, nested objects exist before anything is written into them. It follows the
 * habits of the real client, which sets an embedded object to null before it replaces it, and erases and inserts
 * a list element instead of updating it when it is one.
 */
import {
  type Instruction,
  objectKey,
  type PathElement,
  type PathInstruction,
  type Payload,
  type PrimaryKey,
} from "../../changeset";
import {
  type ColumnSpec,
  classes,
  contraryColumn,
  contrarySpec,
  dictionaryKeys,
  randomKey,
  randomScalar,
} from "./catalogue";
import { Random } from "./random";

/** What a field, list element or dictionary entry holds, as far as later changes depend on it. */
type Held = { readonly kind: "scalar" } | { readonly kind: "dictionary" } | Embedded;
type Embedded = { readonly kind: "embedded"; readonly fields: Fields };
type Field = {
  /** For a single value. */
  value: Held | null;
  readonly elements: Held[];
  readonly entries: Map<string, Held>;
};
type Fields = { readonly className: string; readonly byName: Map<string, Field> };

type RealmObject = { readonly table: string; readonly pk: PrimaryKey; readonly fields: Fields };

const scalar: Held = { kind: "scalar" };

/** Where a writer stands while it goes down from an object. */
type Place = {
  readonly table: string;
  readonly pk: PrimaryKey;
  readonly field: string;
  readonly path: readonly PathElement[];
};

export type Habits = {
  /** How likely a class and a property is there from the start. The fewer, the more often two writers meet. */
  readonly breadth: number;
  /** What most properties are. */
  readonly theme: "anything" | "lists" | "embedded";
  /** How likely a change concerns the schema. */
  readonly definesSchema: number;
  readonly movesElements: boolean;
  /** Whether classes and properties may be erased, which real clients with additive schemas never do. */
  readonly erasesSchema: boolean;
  /** How likely a definition contradicts the one that others would give. */
  readonly contrariness: number;
};

export class Writer {
  readonly #habits: Habits;
  #random = new Random(0);
  /** Property names by class. */
  readonly #schema = new Map<string, Map<string, ColumnSpec>>();
  readonly #objects = new Map<string, RealmObject>();
  #written: Instruction[] = [];

  constructor(habits: Habits) {
    this.#habits = habits;
  }

  /** Makes a realm in which most things exist already: the common past of two writers. */
  populate(random: Random, changes: number): void {
    this.#random = random;
    const { breadth, theme } = this.#habits;
    const likelihood = ([_, column]: readonly [string, ColumnSpec]): number => {
      if (theme === "lists") return column.collection === "list" ? 0.5 : 0;
      return theme === "embedded" && isEmbedded(column) ? 0.6 : breadth;
    };
    for (const [className, { columns }] of Object.entries(classes)) {
      const isNeeded = theme === "embedded" && (className === "Note" || className === "Frame");
      if (!isNeeded && !random.chance(theme === "embedded" ? 0.1 : breadth + 0.2)) continue;
      this.#schema.set(
        className,
        new Map(Object.entries(columns).filter((c) => random.chance(likelihood(c)))),
      );
    }
    for (let i = 0; i < changes; i++) this.#writeObject();
    this.#written = [];
  }

  /** The instructions of one transaction of about so many changes. */
  write(random: Random, changes: number): Instruction[] {
    this.#random = random;
    for (let i = 0; i < changes; i++) {
      if (random.chance(this.#habits.definesSchema)) this.#writeSchema();
      else this.#writeObject();
    }
    const written = this.#written;
    this.#written = [];
    return written;
  }

  #writeSchema(): void {
    const erase = this.#habits.erasesSchema ? 2 : 0;
    switch (this.#random.weighted({ addTable: 3, addColumn: 6, eraseColumn: erase, eraseTable: erase })) {
      case "addTable":
        this.#addTable(this.#random.pick(Object.keys(classes)));
        return;
      case "addColumn":
        this.#addColumn();
        return;
      case "eraseColumn": {
        const columns = [...this.#schema].flatMap(([table, fields]) =>
          [...fields.keys()].map((f) => [table, f]),
        );
        if (columns.length === 0) return;
        const [table, field] = this.#random.pick(columns);
        this.#eraseColumn(table!, field!);
        return;
      }
      case "eraseTable":
        this.#eraseTable();
        return;
    }
  }

  #addTable(table: string): void {
    if (this.#schema.has(table)) return;
    const { spec } = classes[table]!;
    this.#schema.set(table, new Map());
    const contrary = this.#random.chance(this.#habits.contrariness);
    this.#written.push({ kind: "AddTable", table, spec: contrary ? contrarySpec(this.#random, spec) : spec });
  }

  #addColumn(): void {
    const tables = [...this.#schema.keys()];
    if (tables.length === 0) return;
    const table = this.#random.pick(tables);
    const fields = this.#schema.get(table)!;
    const missing = Object.entries(classes[table]!.columns).filter(([name]) => !fields.has(name));
    if (missing.length === 0) return;
    const [field, column] = this.#random.pick(missing);
    fields.set(field, column);
    const contrary = this.#random.chance(this.#habits.contrariness);
    const definition = contrary ? contraryColumn(this.#random, column) : column;
    this.#written.push({ kind: "AddColumn", table, field, ...definition });
  }

  #eraseColumn(table: string, field: string): void {
    this.#schema.get(table)!.delete(field);
    for (const object of this.#objects.values()) forget(object.fields, table, field);
    this.#written.push({ kind: "EraseColumn", table, field });
  }

  #eraseTable(): void {
    const tables = [...this.#schema.keys()];
    if (tables.length === 0) return;
    const table = this.#random.pick(tables);
    for (const [other, fields] of this.#schema) {
      if (other === table) continue;
      for (const [field, column] of fields) if (column.linkTarget === table) this.#eraseColumn(other, field);
    }
    this.#schema.delete(table);
    for (const [key, object] of this.#objects) if (object.table === table) this.#objects.delete(key);
    this.#written.push({ kind: "EraseTable", table });
  }

  #writeObject(): void {
    const objects = [...this.#objects.values()];
    const existing = objects.length > 0 ? 1 : 0;
    switch (this.#random.weighted({ create: 2, erase: existing, change: 24 * existing })) {
      case "create": {
        const tables = [...this.#schema.keys()].filter((name) => classes[name]!.spec.kind === "topLevel");
        if (tables.length === 0) return;
        const table = this.#random.pick(tables);
        const pk = randomKey(this.#random, classes[table]!.spec);
        if (this.#objects.has(objectKey(table, pk))) return;
        this.#objects.set(objectKey(table, pk), { table, pk, fields: newFields(table) });
        this.#written.push({ kind: "CreateObject", table, pk });
        return;
      }
      case "erase": {
        const { table, pk } = this.#random.pick(objects);
        this.#objects.delete(objectKey(table, pk));
        this.#written.push({ kind: "EraseObject", table, pk });
        return;
      }
      case "change": {
        const { table, pk, fields } = this.#random.pick(objects);
        const field = this.#pickField(fields);
        if (field !== null) this.#change({ table, pk, field, path: [] }, fields, field);
      }
    }
  }

  #pickField(fields: Fields): string | null {
    const names = [...(this.#schema.get(fields.className)?.keys() ?? [])];
    return names.length === 0 ? null : this.#random.pick(names);
  }

  /** Changes something at or below the field that `place` names. */
  #change(place: Place, fields: Fields, name: string): void {
    const column = this.#schema.get(fields.className)!.get(name)!;
    let field = fields.byName.get(name);
    if (field === undefined) {
      field = { value: null, elements: [], entries: new Map() };
      fields.byName.set(name, field);
    }
    switch (column.collection) {
      case "single":
        this.#changeSingle(place, column, field);
        return;
      case "list":
        this.#changeList(place, column, field.elements);
        return;
      case "dictionary":
        this.#changeDictionary(place, column, field.entries);
        return;
      case "set":
        this.#changeSet(place, column);
        return;
    }
  }

  #changeInside(place: Place, { fields }: Embedded): void {
    const field = this.#pickField(fields);
    if (field !== null) this.#change({ ...place, path: [...place.path, field] }, fields, field);
  }

  #changeSingle(place: Place, column: ColumnSpec, field: Field): void {
    const random = this.#random;
    const isDefault = random.chance(0.15);
    const set = (value: Payload, held: Held | null) => {
      field.value = held;
      this.#update(place, value, isDefault);
    };
    if (isEmbedded(column)) {
      if (field.value?.kind !== "embedded") {
        set({ kind: "object" }, newEmbedded(column));
        return;
      }
      if (random.chance(0.7)) {
        this.#changeInside(place, field.value);
        return;
      }
      set({ kind: "null" }, null);
      if (random.chance(0.5)) set({ kind: "object" }, newEmbedded(column));
      return;
    }
    if (column.type === "mixed") {
      if (field.value?.kind === "dictionary" && random.chance(0.7)) {
        const inside = { ...place, path: [...place.path, random.pick(dictionaryKeys)] };
        this.#update(inside, randomScalar(random, "mixed"), false);
        return;
      }
      if (random.chance(0.3)) {
        if (field.value !== null) set({ kind: "null" }, null);
        set({ kind: "dictionary" }, { kind: "dictionary" });
        return;
      }
    }
    if (column.type === "int" && random.chance(0.35)) {
      this.#path(place, { kind: "AddInteger", value: random.pick([1n, -1n, 0n, 2n ** 63n - 1n]) });
      return;
    }
    if (column.nullable && random.chance(0.15)) {
      set({ kind: "null" }, null);
      return;
    }
    set(randomScalar(random, column.type, column.linkTarget), scalar);
  }

  #changeList(place: Place, column: ColumnSpec, elements: Held[]): void {
    const random = this.#random;
    const priorSize = elements.length;
    const at = (index: number): Place => ({ ...place, path: [...place.path, index] });
    const some = priorSize > 0 ? 1 : 0;
    const several = priorSize > 1 && this.#habits.movesElements ? 1 : 0;
    const action = random.weighted({
      insert: 6,
      update: 6 * some,
      erase: 3 * some,
      move: 4 * several,
      clear: some,
    });
    const index = action === "insert" ? random.below(priorSize + 1) : random.below(priorSize);
    const insert = (size: number) => {
      const [value, held] = this.#newElement(column);
      elements.splice(index, 0, held);
      this.#path(at(index), { kind: "ArrayInsert", value, priorSize: size });
    };
    switch (action) {
      case "insert":
        insert(priorSize);
        // Lists inside of embedded objects are seldom met again, and only a list of several has something to move.
        if (place.path.length > 0) for (let size = priorSize + 1; size < 3; size++) insert(size);
        return;
      case "update": {
        const held = elements[index]!;
        if (held.kind !== "embedded") {
          const value = randomScalar(random, column.type, column.linkTarget);
          this.#path(at(index), { kind: "Update", value, isDefault: false, priorSize });
          return;
        }
        if (random.chance(0.85)) {
          this.#changeInside(at(index), held);
          return;
        }
        elements.splice(index, 1);
        this.#path(at(index), { kind: "ArrayErase", priorSize });
        insert(priorSize - 1);
        return;
      }
      case "erase":
        elements.splice(index, 1);
        this.#path(at(index), { kind: "ArrayErase", priorSize });
        return;
      case "move": {
        const other = random.below(priorSize - 1);
        const to = other >= index ? other + 1 : other;
        elements.splice(to, 0, ...elements.splice(index, 1));
        this.#path(at(index), { kind: "ArrayMove", to, priorSize });
        return;
      }
      case "clear":
        elements.length = 0;
        this.#path(place, { kind: "Clear" });
    }
  }

  #changeDictionary(place: Place, column: ColumnSpec, entries: Map<string, Held>): void {
    const random = this.#random;
    if (random.chance(0.08)) {
      entries.clear();
      this.#path(place, { kind: "Clear" });
      return;
    }
    const key = random.pick(dictionaryKeys);
    const inside = { ...place, path: [...place.path, key] };
    const held = entries.get(key);
    if (held?.kind === "embedded" && random.chance(0.7)) {
      this.#changeInside(inside, held);
      return;
    }
    if (held !== undefined && (held.kind === "embedded" || random.chance(0.3))) {
      entries.delete(key);
      this.#update(inside, { kind: "erased" }, false);
      return;
    }
    const [value, created] = this.#newElement(column);
    entries.set(key, created);
    this.#update(inside, value, false);
  }

  #changeSet(place: Place, column: ColumnSpec): void {
    const random = this.#random;
    switch (random.weighted({ insert: 6, erase: 6, clear: 1 })) {
      case "insert":
        this.#path(place, {
          kind: "SetInsert",
          value: randomScalar(random, column.type, column.linkTarget),
        });
        return;
      case "erase":
        this.#path(place, {
          kind: "SetErase",
          value: randomScalar(random, column.type, column.linkTarget),
        });
        return;
      case "clear":
        this.#path(place, { kind: "Clear" });
        return;
    }
  }

  #newElement(column: ColumnSpec): [Payload, Held] {
    return isEmbedded(column)
      ? [{ kind: "object" }, newEmbedded(column)]
      : [randomScalar(this.#random, column.type, column.linkTarget), scalar];
  }

  #update(place: Place, value: Payload, isDefault: boolean): void {
    this.#path(place, { kind: "Update", value, isDefault });
  }

  #path(place: Place, operation: Operation): void {
    this.#written.push({ ...place, ...operation });
  }
}

type WithoutPlace<I> = I extends PathInstruction ? Omit<I, keyof Place> : never;
type Operation = WithoutPlace<PathInstruction>;

function isEmbedded(column: ColumnSpec): boolean {
  return column.linkTarget !== undefined && classes[column.linkTarget]!.spec.kind === "embedded";
}

function newFields(className: string): Fields {
  return { className, byName: new Map() };
}

function newEmbedded(column: ColumnSpec): Embedded {
  return { kind: "embedded", fields: newFields(column.linkTarget!) };
}

/** Drops what an erased property held, in the object and in everything embedded in it. */
function forget(fields: Fields, className: string, name: string): void {
  if (fields.className === className) fields.byName.delete(name);
  for (const field of fields.byName.values()) {
    for (const held of [field.value, ...field.elements, ...field.entries.values()]) {
      if (held?.kind === "embedded") forget(held.fields, className, name);
    }
  }
}
