import { damagedFinal, damagedRow, isJobRow, type Remains } from '../../core/kernel/damage.ts';
import type { FinalRow, JobRow } from '../../core/kernel/job-row.ts';
import { jsonText } from '../../core/kernel/json-text.ts';
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

const whyNone = ({ lost }: Stored): string =>
  typeof lost === 'string' ? `SQLite cannot read it (${lost})` : 'its text is not that of a job';

/** What most jobs have: it is left out of texts, as is a `runAt` that is the instant of the enqueue. */
const USUAL = { version: 1, rank: 0, due: 0, failures: 0, crashes: 0 };

/** All of a job but its payload. JSON leaves out what is undefined. */
function textOf(job: JobRow): string {
  return jsonText({
    ...job,
    version: job.version === USUAL.version ? undefined : job.version,
    rank: job.rank || undefined,
    due: job.due || undefined,
    runAt: job.runAt === job.enqueuedAt ? undefined : job.runAt,
    failures: job.failures || undefined,
    crashes: job.crashes || undefined,
    payload: undefined,
    damage: undefined,
  });
}

/** The inverse. Undefined: it is damaged. */
function jobOf(text: SqlValue | undefined, payload: unknown): JobRow | undefined {
  const said = parsed<Partial<JobRow>>(text);
  const job = { ...USUAL, runAt: said?.enqueuedAt, ...said, payload };
  return isJobRow(job) ? job : undefined;
}

/** The columns `row` and `payload` of a job. */
export function jobTexts(job: JobRow): [SqlValue, SqlValue] {
  if (job.damage === undefined) return [textOf(job), String(job.payload)];
  const raw = job.damage.raw as RawRow;
  return [raw.row, raw.payload];
}

/** Undefined: it is damaged. */
export function readJob({ row, payload }: Stored): JobRow | undefined {
  return jobOf(row, payload);
}

/** `stored` has all columns. Undefined: its key is none of a job. */
export function damagedJob(queue: string, table: Table, stored: Stored): JobRow | undefined {
  return damagedRow(table, remainsOf(queue, stored), whyNone(stored));
}

interface FinalText extends Omit<FinalRow, 'job'> {
  readonly job: string;
  /** The job was damaged before it ended: why, and its column `row` as it was. */
  readonly damage?: { readonly why: string; readonly row: SqlValue };
}

export function finalTexts({ job, ...end }: FinalRow): [SqlValue, SqlValue] {
  const { damage, payload } = job;
  const text: FinalText = { ...end, job: textOf(job) };
  if (damage === undefined) return [jsonText(text), String(payload)];
  const raw = damage.raw as RawRow;
  return [jsonText({ ...text, damage: { why: damage.why, row: raw.row } }), raw.payload];
}

/** Undefined: it is damaged. */
export function readFinal({ row, payload }: Stored): FinalRow | undefined {
  const text = parsed<FinalText>(row);
  const read = jobOf(text?.job, payload);
  if (text === undefined || read === undefined || typeof text.finishedAt !== 'number') return undefined;
  const { damage, job: _, ...end } = text;
  if (damage === undefined) return { ...end, job: read };
  const raw: RawRow = { row: damage.row, payload: payload as SqlValue };
  return { ...end, job: { ...read, payload: undefined, damage: { why: damage.why, raw } } };
}

export function damagedEnd(queue: string, stored: Stored): FinalRow | undefined {
  return damagedFinal(remainsOf(queue, stored), whyNone(stored));
}

/** All key columns begin with the queue. */
function remainsOf(queue: string, { k, id, lane, key, row, payload }: Stored): Remains {
  const without = (column: SqlValue | undefined) =>
    typeof column === 'string' ? column.slice(queue.length + 1) : undefined;
  // The columns are never null: of what was lost nothing is left.
  const raw: RawRow = { row: row ?? '', payload: payload ?? '' };
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
