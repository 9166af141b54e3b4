import type { Control } from './control-row.ts';
import { tellEnded } from './ended.ts';
import { InvalidOptionError } from './errors.ts';
import { type FinalRow, type JobRow, rowOf } from './job-row.ts';
import type { JobSpec } from './messages.ts';
import { join, seqKey } from './order.ts';
import type { EndedRow } from './records.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';

/** Results that a job finds, in bytes all together: they are kept in its row, of which a Durable Object holds 2 MB. */
const MAX_RESULTS_BYTES = 65_536;
/** So many beside a payload larger than this. */
const FEW_RESULTS_BYTES = 8_192;
const LARGE_PAYLOAD = 1_000_000;

/** A job of the call, and what it comes to. */
interface Entrant {
  readonly id: string;
  readonly status: string;
  row?: JobRow;
}

/** What is to be written for jobs that wait for others. */
export interface Dependencies {
  /** Stored jobs that are waited for from now on. */
  readonly awaited: Set<string>;
  /** Those that had ended, and not by completing. */
  readonly ended: Map<string, Pick<EndedRow, 'end' | 'of'>>;
  /** Who waits for whom. */
  readonly edges: {
    readonly dependency: string;
    readonly of: number | undefined;
    readonly dependent: JobRow;
  }[];
}

/** What one dependency comes to: it is done, with a result if that was kept, or it is waited for, by its seq if it is there. */
type Standing = { readonly done: FinalRow['result'] | undefined } | { readonly of: number | undefined };

/** The jobs of a call by the ids that it names: what each comes to, which its key may have made another's duplicate. */
type Here = ReadonlyMap<string, Entrant>;

function entrantsByName(specs: readonly JobSpec[], entrants: readonly Entrant[]): Here {
  const written = new Map<string, Entrant>();
  for (const entrant of entrants) if (entrant.row !== undefined) written.set(entrant.id, entrant);
  const begun = new Set<string>();
  const here = new Map<string, Entrant>();
  for (const [i, { id }] of specs.entries()) {
    const entrant = entrants[i] as Entrant;
    const last = written.get(entrant.id);
    if (entrant.row !== undefined) begun.add(entrant.id);
    // An id that only a later one of the call takes anew meant a job that has ended.
    const isSame = begun.has(entrant.id) || last?.status !== 'enqueued';
    here.set(id, (isSame && last) || entrant);
  }
  return here;
}

/**
 * Finds out what the jobs wait for, and blocks them. Writes nothing. Throws InvalidOptionError for a job that is not there, unless it is
 * `tolerant`, where nothing may be refused any more: then one that is not there counts as dead.
 */
export function* planDependencies(
  rows: Rows,
  specs: readonly JobSpec[],
  entrants: readonly Entrant[],
  tolerant: boolean,
): Step<Dependencies> {
  const found: Dependencies = { awaited: new Set(), ended: new Map(), edges: [] };
  if (specs.every(({ dependsOn }) => dependsOn === undefined)) return found;
  const here = entrantsByName(specs, entrants);
  for (const [i, entrant] of entrants.entries())
    if (entrant.row !== undefined && entrant.status === 'enqueued')
      yield* block(rows, specs[i] as JobSpec, entrant, here, found, tolerant);
  return found;
}

function* block(
  rows: Rows,
  { dependsOn, onDependencyDeath }: JobSpec,
  entrant: Entrant,
  here: Here,
  found: Dependencies,
  tolerant: boolean,
): Step<void> {
  if (dependsOn === undefined) return;
  const labels = new Map<string, string | readonly string[]>();
  const blockedBy = new Map<string, number | undefined>();
  let row = entrant.row as JobRow;
  for (const [given, label] of Object.entries(dependsOn)) {
    // One that its key made a duplicate is the job that it is a duplicate of.
    const id = here.get(given)?.id ?? given;
    const standing = yield* standingOf(rows, id, here.get(given), found, tolerant);
    const known = labels.get(id);
    labels.set(id, known === undefined ? label : [known, label].flat());
    if ('of' in standing) blockedBy.set(id, standing.of);
    else row = withResult(row, [label], standing.done);
  }
  for (const [dependency, of] of blockedBy) found.edges.push({ dependency, of, dependent: row });
  entrant.row = {
    ...row,
    dependsOn: Object.fromEntries(labels),
    ...(blockedBy.size > 0 && { blockedBy: [...blockedBy.keys()] }),
    ...(onDependencyDeath !== undefined && { onDependencyDeath }),
  };
}

/** Under which names a job finds what another returned: several, where steps of its flow became duplicates of one job. */
export const labelsOf = ({ dependsOn }: JobRow, id: string): readonly string[] =>
  [dependsOn?.[id] ?? id].flat();

/** Results for which there is no room are not handed on: who needs more stores them elsewhere, and returns where. */
export function withResult(row: JobRow, labels: readonly string[], result: FinalRow['result']): JobRow {
  if (result === undefined) return row;
  const { stored, size } = result;
  const resultBytes = (row.resultBytes ?? 0) + size * labels.length;
  if (resultBytes > (row.size > LARGE_PAYLOAD ? FEW_RESULTS_BYTES : MAX_RESULTS_BYTES)) return row;
  const known = Object.fromEntries(labels.map((label) => [label, stored]));
  return { ...row, results: { ...row.results, ...known }, resultBytes };
}

function* standingOf(
  rows: Rows,
  id: string,
  same: Entrant | undefined,
  { awaited, ended }: Dependencies,
  tolerant: boolean,
): Step<Standing> {
  if (same?.row !== undefined) {
    same.row = { ...same.row, awaited: true };
    return { of: same.row.seq };
  }
  const found = yield* read(rows.find(id));
  if (found?.at === 'finals' && found.row.state === 'completed') return { done: found.row.result };
  // Its key is held still, and it is not there any more: it has completed.
  if (found === undefined && same !== undefined) return { done: undefined };
  if (found === undefined && !tolerant) throw unknown(id);
  const of = found && rowOf(found).seq;
  if (found === undefined || of === undefined) ended.set(id, { end: 'dead' });
  // Redriven, it tells those who died of it.
  else if (!rowOf(found).awaited) awaited.add(id);
  if (found?.at === 'finals' && of !== undefined) ended.set(id, { end: 'dead', of });
  return { of };
}

const unknown = (id: string): InvalidOptionError =>
  new InvalidOptionError(
    'dependsOn',
    id,
    'ids of jobs that are there or enqueued by the same call (completed ones are there while their ids, results or they themselves are kept)',
  );

export function* writeDependencies(
  rows: Rows,
  control: Control,
  { awaited, ended, edges }: Dependencies,
): Step<void> {
  for (const { dependency, of, dependent } of edges)
    rows.putRecord('dependent', seqKey(dependency, dependent.seq), {
      id: dependent.id,
      ...(of === undefined ? {} : { of }),
    });
  for (const [id, row] of ended) tellEnded(rows, control, id, row);
  for (const id of awaited) yield* markAwaited(rows, id);
}

/** A running job's lease says it too, as that is what its end is told from. */
function* markAwaited(rows: Rows, id: string): Step<void> {
  const found = yield* read(rows.find(id));
  if (found === undefined) return;
  if (found.at === 'finals') {
    rows.dropFinal(found.row);
    rows.putFinal({ ...found.row, job: { ...found.row.job, awaited: true } });
    return;
  }
  const { at, row } = found;
  const marked = { ...row, awaited: true };
  if (at === 'parked') rows.park(marked);
  else rows.moveJob(row, marked);
  for (const claim of yield* read(rows.claims())) {
    const lease = claim.leases.find((held) => held.id === id);
    if (lease === undefined) continue;
    lease.awaited = true;
    rows.putClaims(claim);
  }
}

/** Throws InvalidOptionError for jobs of one call that wait for each other. */
export function checkCycles(specs: readonly JobSpec[]): void {
  if (specs.every(({ dependsOn }) => dependsOn === undefined)) return;
  const next = pathsOf(specs);
  const done = new Set<string>();
  for (const { id } of specs) checkPaths(id, next, done);
}

/** By id, the ids of the call that a job leads to. One that shares its key with an earlier one may become that one's duplicate. */
function pathsOf(specs: readonly JobSpec[]): ReadonlyMap<string, readonly string[]> {
  const here = new Set(specs.map(({ id }) => id));
  const byKey = new Map<string, string>();
  const next = new Map<string, readonly string[]>();
  for (const { id, name, idempotencyKey, dependsOn = {} } of specs) {
    if (next.has(id)) continue;
    const scope = idempotencyKey === undefined ? undefined : join(name, idempotencyKey);
    const first = scope === undefined ? undefined : byKey.get(scope);
    if (scope !== undefined && first === undefined) byKey.set(scope, id);
    const ids = Object.keys(dependsOn).filter((other) => here.has(other));
    next.set(id, first === undefined ? ids : [...ids, first]);
  }
  return next;
}

/** Depth first without recursion: a chain may be as long as a call. */
function checkPaths(from: string, next: ReadonlyMap<string, readonly string[]>, done: Set<string>): void {
  const path = new Set<string>();
  const stack = [{ id: from, leaves: false }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { id, leaves } = top;
    if (leaves) {
      path.delete(id);
      done.add(id);
      continue;
    }
    if (path.has(id))
      throw new InvalidOptionError(
        'dependsOn',
        [...path, id].join(' → '),
        'jobs that do not wait for each other',
      );
    if (done.has(id)) continue;
    path.add(id);
    stack.push({ id, leaves: true });
    for (const other of next.get(id) ?? []) stack.push({ id: other, leaves: false });
  }
}
