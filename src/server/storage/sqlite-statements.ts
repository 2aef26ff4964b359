/** Prepared statements of one SQLite connection, and SQLite's errors told in the words of the storage. */
import type { DatabaseSyncInstance, StatementSyncInstance } from "@photostructure/sqlite";
import { StorageTrouble } from "./storage-trouble";

export class Statements {
  readonly #db: DatabaseSyncInstance;
  readonly #prepared = new Map<string, StatementSyncInstance>();

  constructor(db: DatabaseSyncInstance) {
    this.#db = db;
  }

  exec(sql: string): void {
    translated(() => this.#db.exec(sql));
  }

  run(sql: string, ...values: unknown[]): void {
    translated(() => this.#prepare(sql).run(...values));
  }

  get<Row>(sql: string, ...values: unknown[]): Row | undefined {
    return translated(() => this.#prepare(sql).get(...values)) as Row | undefined;
  }

  all<Row>(sql: string, ...values: unknown[]): Row[] {
    return translated(() => this.#prepare(sql).all(...values)) as Row[];
  }

  /** One row at a time, for tables of any size. */
  *iterate<Row>(sql: string): Generator<Row> {
    const rows = translated(() => this.#prepare(sql).iterate()) as Iterator<Row>;
    for (let next = translated(() => rows.next()); !next.done; next = translated(() => rows.next())) {
      yield next.value;
    }
  }

  count(sql: string, ...values: unknown[]): number {
    return this.get<{ n: number }>(sql, ...values)?.n ?? 0;
  }

  #prepare(sql: string): StatementSyncInstance {
    let statement = this.#prepared.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}

/** From sqlite.org/rescode.html. The low byte is the primary code, the whole number says more. */
const codes = {
  corrupt: 11,
  full: 13,
  notADatabase: 26,
  writeFailed: 778,
  syncFailed: 1034,
  truncateFailed: 1546,
};

/** Rows that this program wrote and cannot read any more. What stands there is not told: it may be anybody's. */
export function decoded<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw error instanceof StorageTrouble
      ? error
      : new StorageTrouble("damaged", `${what} cannot be decoded`);
  }
}

export function translated<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw troubleOf(error) ?? error;
  }
}

/**
 * A write that fails although the disk has room (a file-size limit, a quota, a network disk that went away) is told
 * like a full disk: nothing can be stored for now, and nothing is damaged.
 */
export function troubleOf(error: unknown): StorageTrouble | undefined {
  const { sqliteCode, sqliteExtendedCode } = error as { sqliteCode?: unknown; sqliteExtendedCode?: unknown };
  if (typeof sqliteCode !== "number") return undefined;
  const message = error instanceof Error ? error.message : "";
  switch (sqliteCode & 0xff) {
    case codes.full:
      return new StorageTrouble("full", message);
    case codes.corrupt:
    case codes.notADatabase:
      return new StorageTrouble("damaged", message);
  }
  const isWrite = [codes.writeFailed, codes.syncFailed, codes.truncateFailed].includes(
    Number(sqliteExtendedCode),
  );
  return isWrite ? new StorageTrouble("full", message) : undefined;
}
