import type { FinalRow, JobRow, Place, Position } from './rows.ts';

/** Base 36 of the greatest instant (8.64e15) and of the greatest safe integer both have 11 digits. */
const DIGITS = 11;

const digits = (value: number): string => value.toString(36).padStart(DIGITS, '0');

type StreamName = Pick<Place, 'name' | 'version' | 'rank'>;

/** Everything before (due, seq) in a claim key. Names cannot contain the separator: options.ts refuses control characters. */
export function streamPrefix(stream: StreamName): string {
  return `${stream.name}@${stream.version}\0${(stream.rank + 100).toString(36).padStart(2, '0')}`;
}

export function positionKey(position: Position): string {
  return digits(position.due) + digits(position.seq);
}

/** A string that sorts in claim order inside a queue: by name and version, rank, due, seq. */
export function claimKey(place: StreamName & Position): string {
  return streamPrefix(place) + positionKey(place);
}

/** A string that sorts parked rows by lane, then seq. */
export function laneKey(lane: string, seq: number): string {
  return `${lane}\0${digits(seq)}`;
}

/** A string that sorts ended jobs by when they ended, then seq. */
export function finalKey(row: FinalRow): string {
  return digits(row.finishedAt) + digits(row.job.seq);
}

export function before(a: Position, b: Position): boolean {
  return a.due < b.due || (a.due === b.due && a.seq < b.seq);
}

/**
 * The lane a job is in. A keyed job without one of its own is alone in the lane of its key, so that the follow-up of a
 * running job waits like any lane's next.
 */
export function laneOf(row: Pick<JobRow, 'lane' | 'idempotencyKey' | 'name'>): string | undefined {
  if (row.lane !== undefined) return `lane ${row.lane}`;
  return row.idempotencyKey === undefined ? undefined : `key ${row.name}\0${row.idempotencyKey}`;
}

/** Which of two heads of the same rank goes first: (due, seq) inside a kind, the one waiting longer between the kinds. */
export function goesFirst(a: JobRow, b: JobRow): boolean {
  if ((a.due === 0) === (b.due === 0)) return before(a, b);
  const [since, other] = [waitingSince(a), waitingSince(b)];
  return since < other || (since === other && a.seq < b.seq);
}

const waitingSince = (row: JobRow): number => (row.due === 0 ? row.enqueuedAt : row.due);
