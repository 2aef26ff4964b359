/**
 * Objects on their way into the store: written down bit by bit in a temporary table that lives outside of it, and put
 * into it all at once, by a few statements. So a transaction with very many objects is short.
 */
import { documentToJson, primaryKeyToJson } from "../object/document";
import type { SqliteSnapshots } from "./sqlite-snapshots";
import type { Statements } from "./sqlite-statements";
import type { ObjectStage } from "./storage";

export class SqliteStages {
  readonly #sql: Statements;
  readonly #snapshots: SqliteSnapshots;
  #lastId = 0;
  #isOver = false;

  constructor(sql: Statements, snapshots: SqliteSnapshots) {
    this.#sql = sql;
    this.#snapshots = snapshots;
  }

  open(): ObjectStage {
    if (this.#lastId === 0) {
      this.#sql.exec(`CREATE TABLE temp.staged_objects (
        stage INTEGER, class TEXT, pk TEXT, owner TEXT, document TEXT
      )`);
    }
    this.#lastId += 1;
    const id = this.#lastId;
    const insert = "INSERT INTO temp.staged_objects VALUES (?, ?, ?, ?, ?)";
    return {
      putObject: (table, pk, document, owner) =>
        this.#sql.run(insert, id, table, primaryKeyToJson(pk), owner ?? null, documentToJson(document)),
      // Without a document, it is to go.
      deleteObject: (table, pk) => this.#sql.run(insert, id, table, primaryKeyToJson(pk), null, null),
      apply: () => this.#apply(id),
      close: () => {
        if (!this.#isOver) this.#sql.run("DELETE FROM temp.staged_objects WHERE stage = ?", id);
      },
    };
  }

  /** The connection is about to be closed, and what is staged goes with it. */
  end(): void {
    this.#isOver = true;
  }

  #apply(id: number): void {
    this.#snapshots.keepStaged(id);
    this.#sql.run(
      `INSERT INTO objects (class, pk, owner, document)
       SELECT class, pk, owner, document FROM temp.staged_objects WHERE stage = ? AND document IS NOT NULL
       ON CONFLICT (class, pk) DO UPDATE SET owner = excluded.owner, document = excluded.document`,
      id,
    );
    this.#sql.run(
      `DELETE FROM objects WHERE (class, pk) IN
       (SELECT class, pk FROM temp.staged_objects WHERE stage = ? AND document IS NULL)`,
      id,
    );
  }
}
