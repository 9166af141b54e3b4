import type { FinalRow, JobRow } from './job-row.ts';
import type { Place, Position } from './place.ts';

/**
 * Between the parts of a key. Names, ids, lanes and keys cannot contain it: options.ts refuses control characters. Not NUL,
 * at which some of SQLite's functions end a text.
 */
export const SEPARATOR = '\u0001';
/** Sorts after everything that continues a key with the separator. */
const END = '\u0002';
/** Before a target, in the part of a key that says a job's kind. */
const TARGET = '\u0003';
/** Before each feature that is needed, there too. */
const NEEDS = '\u0004';

/** The parts of a key as one text, which sorts part by part. */
export function join(...parts: readonly string[]): string {
  return parts.join(SEPARATOR);
}

/** The end of the keys that begin with these parts. */
export function endOf(...parts: readonly string[]): string {
  return join(...parts) + END;
}

/**
 * A whole number, 0 or more, as a text that sorts as it does: how many digits it has in base 36 (a safe integer at most 11), and those. Short, as
 * a store writes a key several times (decision 13).
 */
export function digits(value: number): string {
  const text = value.toString(36);
  return text.length.toString(36) + text;
}

export type StreamName = Pick<Place, 'name' | 'version' | 'rank' | 'target' | 'needs'>;

/** A text with a target at its end, if there is one: then it is another than any without. */
export const aimed = (text: string, target: string | undefined): string =>
  target === undefined ? text : text + TARGET + target;

/** The same with features that are needed. */
export const needing = (text: string, needs: Place['needs']): string =>
  needs === undefined ? text : [text, ...needs].join(NEEDS);

export const isSameNeeds = (one: Place['needs'], other: Place['needs']): boolean =>
  one === other || (one !== undefined && other !== undefined && needing('', one) === needing('', other));

/** Everything before (due, seq) in a claim key. */
export function streamPrefix({ name, version, rank, target, needs }: StreamName): string {
  const kind = needing(aimed(`${name}@${version}`, target), needs);
  return join(kind, (rank + 100).toString(36).padStart(2, '0'));
}

export function positionKey(position: Position): string {
  return digits(position.due) + digits(position.seq);
}

/** A string that sorts in claim order inside a queue: by name and version, rank, due, seq. */
export function claimKey(place: StreamName & Position): string {
  return streamPrefix(place) + positionKey(place);
}

/** A text and a seq, which sort one after the other. */
export function seqKey(text: string, seq: number): string {
  return join(text, digits(seq));
}

/** A string that sorts parked rows by lane, then seq. */
export function laneKey(lane: string, seq: number): string {
  return seqKey(lane, seq);
}

/** A string that sorts dead jobs by when they died, and completed ones by when they are forgotten; then by seq. */
export function finalKey(row: FinalRow): string {
  return digits(row.state === 'dead' ? row.finishedAt : forgottenAt(row)) + digits(row.job.seq);
}

/** The end of a completed job's memory: its id is free from then on. */
export function rememberedUntil({ finishedAt, job }: FinalRow): number {
  return finishedAt + (job.dedupeMs ?? 0);
}

/** When nothing asks any more that a completed job be kept. */
export function forgottenAt(row: FinalRow): number {
  return Math.max(rememberedUntil(row), row.finishedAt + (row.job.keptMs ?? 0));
}

/** As much of a job's place as its key says. */
export type KeyPlace = Position & Partial<StreamName> & { readonly lane?: string };

/** The inverse of `claimKey`; undefined for what is none. */
export function placeOfClaimKey(key: string): KeyPlace | undefined {
  const [whole = '', rest = ''] = key.split(SEPARATOR);
  const [goal = '', ...needs] = whole.split(NEEDS);
  const [kind = '', target] = goal.split(TARGET);
  const at = kind.lastIndexOf('@');
  const place = {
    name: kind.slice(0, at),
    version: Number(kind.slice(at + 1)),
    rank: Number.parseInt(rest.slice(0, 2), 36) - 100,
    ...positionOf(rest.slice(2)),
    ...(target !== undefined && { target }),
    ...(needs.length > 0 && { needs }),
  };
  return claimKey(place) === key ? place : undefined;
}

/** The inverse of `laneKey`. */
export function placeOfLaneKey(key: string): KeyPlace | undefined {
  const end = key.lastIndexOf(SEPARATOR);
  const place = { lane: key.slice(0, end), due: 1, seq: numberOf(key.slice(end + 1)) };
  return laneKey(place.lane, place.seq) === key ? place : undefined;
}

/** The inverse of `finalKey`, its instant as `due`. */
export function placeOfFinalKey(key: string): Position | undefined {
  const place = positionOf(key);
  return positionKey(place) === key ? place : undefined;
}

function positionOf(key: string): Position {
  const end = 1 + Number.parseInt(key.slice(0, 1), 36);
  return { due: numberOf(key.slice(0, end)), seq: numberOf(key.slice(end)) };
}

/** The inverse of `digits`. */
export const numberOf = (text: string): number => Number.parseInt(text.slice(1), 36);

export function before(a: Position, b: Position): boolean {
  return a.due < b.due || (a.due === b.due && a.seq < b.seq);
}

/**
 * The lane a job is in. A keyed job without one of its own is alone in the lane of its key, so that the follow-up of a
 * running job waits like any lane's next. One that a feature keeps parked is in a lane of its own, without a head, until that lets it go on.
 */
export function laneOf(
  row: Pick<JobRow, 'id' | 'lane' | 'idempotencyKey' | 'name' | 'parkedBy'>,
): string | undefined {
  if (row.parkedBy !== undefined) return `after ${row.id}`;
  if (row.lane !== undefined) return `lane ${row.lane}`;
  return row.idempotencyKey === undefined ? undefined : `key ${join(row.name, row.idempotencyKey)}`;
}

/** What makes a job's lane this one: the inverse of `laneOf`. */
export function laneFields(
  lane: string,
): Partial<Pick<JobRow, 'lane' | 'idempotencyKey' | 'name' | 'parkedBy'>> {
  if (lane.startsWith('after ')) return { parkedBy: 'unknown' };
  if (lane.startsWith('lane ')) return { lane: lane.slice('lane '.length) };
  const [name = '', idempotencyKey = ''] = lane.slice('key '.length).split(SEPARATOR);
  return { name, idempotencyKey };
}

/** Which of two heads of the same rank goes first: (due, seq) inside a kind, the one waiting longer between the kinds. */
export function goesFirst(a: JobRow, b: JobRow): boolean {
  return (a.due === 0) === (b.due === 0) ? before(a, b) : hasWaitedLonger(a, b);
}

export function hasWaitedLonger(a: JobRow, b: JobRow): boolean {
  const [since, other] = [waitingSince(a), waitingSince(b)];
  return since < other || (since === other && a.seq < b.seq);
}

/** Since when it could have been claimed. */
export const waitingSince = (row: JobRow): number => (row.due === 0 ? row.enqueuedAt : row.due);
