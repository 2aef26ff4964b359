/**
 * Reads of all objects as they were at one moment, bit by bit, while others write. While a snapshot is open, every
 * object is kept as it was before its first change, in a temporary table that lives outside the store; a page is what
 * is stored now with those put over it. So no reader holds up a writer, and nothing is held in memory.
 */
import type { PrimaryKey } from "../changeset";
import { documentFromJson, primaryKeyFromJson, primaryKeyToJson } from "../object/document";
import { decoded, type Statements } from "./sqlite-statements";
import type { ObjectPage, ObjectSnapshot } from "./storage";

type Row = { readonly pk: string; readonly document: string };
type FormerRow = { readonly pk: string; readonly owner: string | null; readonly document: string | null };

export class SqliteSnapshots {
  readonly #sql: Statements;
  readonly #open = new Set<number>();
  #lastId = 0;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  open(): ObjectSnapshot {
    if (this.#lastId === 0) {
      this.#sql.exec(`CREATE TABLE temp.former_objects (
        snapshot INTEGER, class TEXT, pk TEXT, owner TEXT, document TEXT, PRIMARY KEY (snapshot, class, pk)
      ) WITHOUT ROWID`);
    }
    this.#lastId += 1;
    const id = this.#lastId;
    this.#open.add(id);
    return {
      page: (table, options) => this.#page(id, table, options),
      count: (table, owner) => this.#count(table, owner),
      close: () => {
        if (!this.#open.delete(id)) return;
        this.#sql.run("DELETE FROM temp.former_objects WHERE snapshot = ?", id);
      },
    };
  }

  /** To be called before an object changes. */
  keep(table: string, pk: PrimaryKey): void {
    for (const id of this.#open) {
      const key = primaryKeyToJson(pk);
      // Without a row there was no object: that is kept as well.
      this.#sql.run(
        `INSERT OR IGNORE INTO temp.former_objects
         SELECT ?, ?, ?, owner, document FROM (SELECT 1) LEFT JOIN objects ON class = ? AND pk = ?`,
        id,
        table,
        key,
        table,
        key,
      );
    }
  }

  /** To be called before what has been staged is put in the place of what is there. */
  keepStaged(stage: number): void {
    for (const id of this.#open) {
      this.#sql.run(
        `INSERT OR IGNORE INTO temp.former_objects
         SELECT ?, staged.class, staged.pk, objects.owner, objects.document FROM temp.staged_objects AS staged
         LEFT JOIN objects ON objects.class = staged.class AND objects.pk = staged.pk WHERE staged.stage = ?`,
        id,
        stage,
      );
    }
  }

  #page(
    id: number,
    table: string,
    { owner, after, limit }: Parameters<ObjectSnapshot["page"]>[1],
  ): ObjectPage {
    const start = after ?? "";
    const rows =
      owner === undefined
        ? this.#sql.all<Row>(
            "SELECT pk, document FROM objects WHERE class = ? AND pk > ? ORDER BY pk LIMIT ?",
            table,
            start,
            limit,
          )
        : this.#sql.all<Row>(
            "SELECT pk, document FROM objects WHERE class = ? AND owner = ? AND pk > ? ORDER BY pk LIMIT ?",
            table,
            owner,
            start,
            limit,
          );
    const former = this.#sql.all<FormerRow>(
      `SELECT pk, owner, document FROM temp.former_objects WHERE snapshot = ? AND class = ? AND pk > ?
       ORDER BY pk LIMIT ?`,
      id,
      table,
      start,
      limit,
    );
    // What is beyond the end of either list may be preceded by something that the other has not told of yet.
    const ends = [rows, former].flatMap((list) => (list.length < limit ? [] : [list.at(-1)?.pk ?? ""]));
    const next = ends.sort(compareKeys)[0];
    const isWithin = ({ pk }: { pk: string }) => next === undefined || compareKeys(pk, next) <= 0;
    const documents = new Map(rows.filter(isWithin).map(({ pk, document }) => [pk, document]));
    for (const row of former.filter(isWithin)) {
      const isWanted = row.document !== null && (owner === undefined || row.owner === owner);
      if (isWanted) documents.set(row.pk, row.document as string);
      else documents.delete(row.pk);
    }
    const objects = [...documents].map(([pk, document]) =>
      decoded(`an object of class ${table}`, () => ({
        pk: primaryKeyFromJson(pk),
        document: documentFromJson(document),
        sizeBytes: document.length,
      })),
    );
    return { objects, ...(next !== undefined && { next }) };
  }

  #count(table: string, owner: string | undefined): number {
    return owner === undefined
      ? this.#sql.count("SELECT count(*) AS n FROM objects WHERE class = ?", table)
      : this.#sql.count("SELECT count(*) AS n FROM objects WHERE class = ? AND owner = ?", table, owner);
  }
}

/** As SQLite compares texts: by their bytes. */
function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
