import type { Sql, SqlValue } from '../../src/stores/durable-object/object-state.ts';

/** The tables of a Durable Object's store, and all that they hold. */
export interface Tables {
  readonly version: number;
  /** Statements that make them. */
  readonly schema: readonly string[];
  readonly rows: Readonly<Record<string, readonly Record<string, SqlValue>[]>>;
}

export function tablesOf(sql: Sql): Tables {
  const made = sql
    .exec(
      `SELECT name, sql FROM sqlite_master WHERE name LIKE 'holdfast_%' AND sql IS NOT NULL ORDER BY rowid`,
    )
    .toArray()
    .map((one) => ({ name: String(one.name), sql: String(one.sql) }));
  const tables = made.filter((one) => one.sql.startsWith('CREATE TABLE'));
  const rows = tables.map(({ name }) => [name, sql.exec(`SELECT * FROM ${name}`).toArray()] as const);
  const [schema] = sql.exec(`SELECT version FROM holdfast_schema`).toArray();
  return {
    version: Number(schema?.version),
    schema: made.map((one) => one.sql),
    rows: Object.fromEntries(rows),
  };
}

export function restoreTables(sql: Sql, { schema, rows }: Tables): void {
  for (const statement of schema) sql.exec(statement);
  for (const [table, all] of Object.entries(rows))
    for (const row of all) {
      const columns = Object.keys(row);
      const values = columns.map(() => '?').join(', ');
      sql.exec(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values})`, ...Object.values(row));
    }
}
