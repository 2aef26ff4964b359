/** Looks at every page and every row of the SQLite file: whether it can be read, and whether it can be decoded. */
import { documentFromJson, primaryKeyFromJson } from "../object/document";
import { schemaFromJson } from "../schema/schema";
import { type ClientFileRow, clientFileOf, type HistoryRow, touchedFromJson } from "./sqlite-rows";
import type { Statements } from "./sqlite-statements";
import type { Problem, SaltedVersion } from "./storage";

export function findIntegrityProblems(sql: Statements): Problem[] {
  return [...fileProblems(sql), ...rowProblems(sql)];
}

function fileProblems(sql: Statements): Problem[] {
  try {
    return sql
      .all<{ integrity_check: string }>("PRAGMA store.integrity_check")
      .map((row) => row.integrity_check)
      .filter((line) => line !== "ok")
      .map((what) => ({ where: "store file", what }));
  } catch (error) {
    return [{ where: "store file", what: textOf(error) }];
  }
}

type Look<Row> = {
  /** What to call a table that cannot be read, and one of its rows. */
  readonly table: string;
  readonly where: (row: Row) => string;
  readonly rows: string;
  /** Throws when the row cannot be decoded; answers what else is wrong with it. */
  readonly decode: (row: Row) => string | undefined;
};

function rowProblems(sql: Statements): Problem[] {
  return [
    ...look<{ name: string; value: string }>(sql, {
      table: "settings",
      where: ({ name }) => `setting ${name}`,
      rows: "SELECT * FROM settings",
      decode: settingProblem,
    }),
    ...requiredSettings
      .filter((name) => isMissing(sql, name))
      .map((name) => ({ where: `setting ${name}`, what: "is missing" })),
    ...look<{ id: string; profile: string }>(sql, {
      table: "users",
      where: ({ id }) => `user ${id}`,
      rows: "SELECT id, profile FROM users",
      decode: ({ profile }) => void JSON.parse(profile),
    }),
    ...look<ClientFileRow>(sql, {
      table: "client files",
      where: ({ ident }) => `client file ${ident}`,
      rows: "SELECT * FROM client_files",
      decode: (row) => void clientFileOf(row),
    }),
    ...look<Pick<HistoryRow, "version" | "touched" | "changeset" | "size_bytes">>(sql, {
      table: "history",
      where: ({ version }) => `history version ${version}`,
      rows: "SELECT version, touched, changeset, size_bytes FROM history",
      decode: ({ touched, changeset, size_bytes }) => {
        touchedFromJson(touched);
        return changeset.length === size_bytes
          ? undefined
          : `has ${changeset.length} bytes instead of ${size_bytes}`;
      },
    }),
    ...look<{ class: string; pk: string; document: string }>(sql, {
      table: "objects",
      where: (row) => `object ${row.class} ${row.pk}`,
      rows: "SELECT class, pk, document FROM objects",
      decode: ({ pk, document }) => {
        primaryKeyFromJson(pk);
        documentFromJson(document);
        return undefined;
      },
    }),
  ];
}

function look<Row>(sql: Statements, { table, where, rows, decode }: Look<Row>): Problem[] {
  const problems: Problem[] = [];
  try {
    for (const row of sql.iterate<Row>(rows)) {
      const what = problemOf(row, decode);
      if (what !== undefined) problems.push({ where: where(row), what });
    }
  } catch (error) {
    problems.push({ where: table, what: `cannot be read: ${textOf(error)}` });
  }
  return problems;
}

function problemOf<Row>(row: Row, decode: (row: Row) => string | undefined): string | undefined {
  try {
    return decode(row);
  } catch {
    // The engine's message would quote what stands there, and that may be what somebody wrote.
    return "cannot be decoded";
  }
}

const requiredSettings = ["historyBase", "nextFileIdent"];

function settingProblem({ name, value }: { name: string; value: string }): string | undefined {
  switch (name) {
    case "historyBase": {
      const { version, salt } = JSON.parse(value) as Partial<SaltedVersion>;
      return Number.isSafeInteger(version) && Number.isSafeInteger(salt) ? undefined : "is not a version";
    }
    case "nextFileIdent":
      return /^[1-9]\d*$/.test(value) ? undefined : "is not a number";
    case "schema":
      return isSchema(value) ? undefined : "cannot be decoded";
    default:
      return undefined;
  }
}

function isSchema(json: string): boolean {
  return [...schemaFromJson(json)].every(
    ([name, { columns }]) =>
      typeof name === "string" && [...columns].every(([field, column]) => isColumn(field, column)),
  );
}

function isColumn(field: unknown, column: unknown): boolean {
  const { type, collection } = (column ?? {}) as { type?: unknown; collection?: unknown };
  return typeof field === "string" && typeof type === "string" && typeof collection === "string";
}

function isMissing(sql: Statements, name: string): boolean {
  try {
    return sql.get("SELECT 1 FROM settings WHERE name = ?", name) === undefined;
  } catch {
    // Told already, of the whole table.
    return false;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
