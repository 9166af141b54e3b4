import { damagedFinal, damagedRow, isJobRow, type Remains } from '../../core/logic/damage.ts';
import type { FinalRow, JobRow } from '../../core/logic/rows.ts';
import type { SqlValue } from './object-state.ts';

export type Stored = Record<string, SqlValue>;
/** Where live jobs are. */
export type Table = 'jobs' | 'parked';
/** Runs a statement of a transaction and counts what it costs. */
export type Exec = (statement: string, ...bindings: SqlValue[]) => Stored[];
/** Rows with one key < k ≤ another, in order, so many. */
export const PAGE = 'k > ? AND k <= ? ORDER BY k LIMIT ?';

/** The columns `row` and `payload` of a row that was found damaged. They are written back as they were. */
interface RawRow {
  readonly row: SqlValue;
  readonly payload: SqlValue;
}

const NO_ROW = 'its text is not that of a job';

/** The columns `row` and `payload` of a job. */
export function jobTexts({ payload, damage, ...rest }: JobRow): [SqlValue, SqlValue] {
  if (damage === undefined) return [JSON.stringify(rest), String(payload)];
  const raw = damage.raw as RawRow;
  return [raw.row, raw.payload];
}

/** Undefined: it is damaged. */
export function readJob({ row, payload }: Stored): JobRow | undefined {
  const job = parsed<Omit<JobRow, 'payload'>>(row);
  return isJobRow(job) ? { ...job, payload } : undefined;
}

/** `stored` has all columns. Undefined: its key is none of a job. */
export function damagedJob(queue: string, table: Table, stored: Stored): JobRow | undefined {
  return damagedRow(table, remainsOf(queue, stored), NO_ROW);
}

interface FinalText extends Omit<FinalRow, 'job'> {
  readonly job: string;
  /** The job was damaged before it ended: why, and its column `row` as it was. */
  readonly damage?: { readonly why: string; readonly row: SqlValue };
}

export function finalTexts({ job, state, finishedAt, result }: FinalRow): [SqlValue, SqlValue] {
  const { damage, payload, ...rest } = job;
  const text = { state, finishedAt, job: JSON.stringify(rest), result };
  if (damage === undefined) return [JSON.stringify(text), String(payload)];
  const raw = damage.raw as RawRow;
  return [JSON.stringify({ ...text, damage: { why: damage.why, row: raw.row } }), raw.payload];
}

/** Undefined: it is damaged. */
export function readFinal({ row, payload }: Stored): FinalRow | undefined {
  const text = parsed<FinalText>(row);
  const job = parsed<Omit<JobRow, 'payload'>>(text?.job);
  if (text === undefined || !isJobRow(job) || typeof text.finishedAt !== 'number') return undefined;
  const { state, finishedAt, damage, result } = text;
  const end = { state, finishedAt, ...(result === undefined ? {} : { result }) };
  if (damage === undefined) return { job: { ...job, payload }, ...end };
  const raw: RawRow = { row: damage.row, payload: payload as SqlValue };
  return { job: { ...job, payload: undefined, damage: { why: damage.why, raw } }, ...end };
}

export function damagedEnd(queue: string, stored: Stored): FinalRow | undefined {
  return damagedFinal(remainsOf(queue, stored), NO_ROW);
}

/** All key columns begin with the queue. */
function remainsOf(queue: string, { k, id, lane, key, row, payload }: Stored): Remains {
  const without = (column: SqlValue | undefined) =>
    typeof column === 'string' ? column.slice(queue.length + 1) : undefined;
  const raw: RawRow = { row: row ?? null, payload: payload ?? null };
  return { key: without(k) ?? '', raw, id: without(id), lane: without(lane), holds: without(key) };
}

/** Undefined: it is no JSON text. */
export function parsed<T>(text: SqlValue | undefined): T | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
