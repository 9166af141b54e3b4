import { HoldfastError, messageOf } from '../../core/kernel/errors.ts';
import type { SqlValue } from './object-state.ts';
import type { Exec, Stored } from './row-text.ts';
import { isGone } from './schema.ts';

/** The tables whose rows are jobs, each with its primary key. */
const KEYS = { jobs: 'id', parked: 'k', finals: 'k' } as const;
export type JobTable = keyof typeof KEYS;

/** In the place of a row that cannot be read: why, beside its key and what is indexed. */
const LOST = 'lost';

/**
 * Rows with these columns. When the read of many fails, each is read by itself, and who cannot be read is there with its key and why. A database
 * that reads nothing at all has lost no row: that throws.
 */
export function selectJobs(
  exec: Exec,
  table: JobTable,
  columns: string,
  where: string,
  bindings: readonly SqlValue[],
): Stored[] {
  const from = `FROM holdfast_${table} WHERE`;
  try {
    return exec(`SELECT ${columns} ${from} ${where}`, ...bindings);
  } catch (error) {
    if (error instanceof HoldfastError || isGone(error)) throw error;
    return selectEach(exec, table, columns, where, bindings, error);
  }
}

function selectEach(
  exec: Exec,
  table: JobTable,
  columns: string,
  where: string,
  bindings: readonly SqlValue[],
  thrown: unknown,
): Stored[] {
  const key = KEYS[table];
  const indexed = table === 'jobs' ? 'id, k, ended, lane, key' : table === 'parked' ? 'k, id, key' : 'k, id';
  const places = exec(`SELECT ${indexed} FROM holdfast_${table} WHERE ${where}`, ...bindings);
  let lost = 0;
  const rows = places.map((place): Stored => {
    try {
      const [row] = exec(`SELECT ${columns} FROM holdfast_${table} WHERE ${key} = ?`, place[key] as SqlValue);
      return row as Stored;
    } catch (error) {
      lost += 1;
      return { ...place, row: null, payload: null, [LOST]: messageOf(error) };
    }
  });
  if (lost === 0 || (lost === rows.length && !isReadable(exec))) throw thrown;
  return rows;
}

/** Whether any value can be read. */
function isReadable(exec: Exec): boolean {
  try {
    return exec('SELECT control FROM holdfast_queues LIMIT 1').length > 0;
  } catch {
    return false;
  }
}
