import type { Features } from './features.ts';
import type { Draft } from './job.ts';
import type { JobRow } from './job-row.ts';
import type { JobSpec } from './messages.ts';
import { union } from './names.ts';
import { owing } from './owed.ts';
import type { SealedJob } from './sealed-job.ts';
import type { TargetNames } from './target-names.ts';

const NO_ERRORS: readonly never[] = [];

/** What of a spec is spent when its row is made, or is another in it. All else the row carries as it was given. */
const SPENT: {
  readonly [Field in
    | Exclude<keyof JobSpec, keyof JobRow>
    | 'target'
    | 'onLaneDeath'
    | 'needs'
    | 'dedupeMs']: true;
} = {
  known: true,
  priority: true,
  delayMs: true,
  onDuplicate: true,
  sealed: true,
  target: true,
  onLaneDeath: true,
  needs: true,
  dedupeMs: true,
  durability: true,
};

/** What nearly every spec has, and no more: looked up eight times a job. */
const DONE: ReadonlySet<string> = new Set(['id', 'name', 'version', 'payload', ...Object.keys(SPENT)]);

/** Fields of a spec that says nothing which it could leave out, beside its payload and what sealing found. */
const PLAIN_FIELDS = 5;

/**
 * Whether an object has more fields than so many and its payload, which may be missing in what was stored: as most have not, each of those is not
 * looked up.
 */
export function hasMore(of: object, count: number): boolean {
  let left = count + Number('payload' in of);
  for (const _ in of) {
    if (left === 0) return true;
    left -= 1;
  }
  return false;
}

/** Whether a field of the spec is to go into the row yet. */
const isLeft = (field: string, row: object): boolean => !(DONE.has(field) || field in row);

/** What a spec is stored as, if it is a new job: the spec, and its place. `features`: of the page. */
export function newRow(
  job: SealedJob,
  seq: number,
  now: number,
  targets: TargetNames,
  features: Features,
): JobRow {
  const { spec } = job;
  const runAt = Math.max(now, spec.runAt ?? now + (spec.delayMs ?? 0));
  const row: Draft<JobRow> = {
    id: spec.id,
    name: spec.name,
    version: spec.version,
    rank: -spec.priority,
    due: runAt > now ? runAt : 0,
    seq,
    enqueuedAt: now,
    runAt,
    failures: 0,
    crashes: 0,
    errors: NO_ERRORS,
    size: job.size,
    payload: job.stored,
  };
  if (row.due > 0 && spec.runAt !== undefined) row.named = true;
  else if (row.due > 0) row.waitMs = runAt - now;
  if (hasMore(spec, PLAIN_FIELDS + Number('sealed' in spec)))
    carry(
      row,
      spec,
      (field) => isLeft(field, row) && !features.spends.some((of) => of.spends.includes(field)),
    );
  if (spec.lane !== undefined && spec.onLaneDeath === 'halt') row.onLaneDeath = 'halt';
  if (spec.target !== undefined && spec.target !== spec.name)
    row.target = targets.nameOf(spec.name, spec.target);
  const owes = owing(spec, features);
  if (owes !== undefined) row.owes = owes;
  if (spec.needs?.length) row.needs = union(undefined, spec.needs);
  if (spec.dedupeMs) row.dedupeMs = spec.dedupeMs;
  startAge(row, now);
  return row;
}

/** Writes fields of one row, or spec, into another: field by field, also such as only newer pages know. */
export function carry(
  row: Partial<Draft<JobRow>>,
  from: JobRow | JobSpec,
  isCarried: (field: string, row: object) => boolean,
): void {
  const given = from as unknown as Readonly<Record<string, unknown>>;
  for (const field in given)
    if (given[field] !== undefined && isCarried(field, row))
      (row as Record<string, unknown>)[field] = given[field];
}

/** The row without what its due was made of: it is given another. */
export function withoutTime({ waitMs: _length, named: _instant, ...row }: JobRow): JobRow {
  return row;
}

/** Its age, if it has one, counts from now. A job that is to wait is not too old for it. */
export function startAge(row: Draft<JobRow>, now: number): void {
  if (row.maxAgeMs !== undefined) row.expiresAt = Math.max(now, row.runAt) + row.maxAgeMs;
}
