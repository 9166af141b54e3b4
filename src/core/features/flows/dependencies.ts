import type { Control } from '../../kernel/control-row.ts';
import { InvalidOptionError } from '../../kernel/errors.ts';
import type { Entry } from '../../kernel/features.ts';
import { type FinalRow, type JobRow, rowOf } from '../../kernel/job-row.ts';
import { seqKey } from '../../kernel/order.ts';
import { noteOwing } from '../../kernel/owed.ts';
import type { Plan } from '../../kernel/plan.ts';
import type { Rows } from '../../kernel/rows.ts';
import { read, type Step } from '../../kernel/step.ts';
import { tellEnded } from './ended.ts';
import {
  copyToLease,
  DEPENDENT,
  type EndedRow,
  FLOWS,
  type FlowRow,
  needing,
  owing,
  waitingFor,
} from './flow-row.ts';
import type { FlowSpec } from './options.ts';

/** Results that a job finds, in bytes all together: they are kept in its row, of which a Durable Object holds 2 MB. */
const MAX_RESULTS_BYTES = 65_536;
/** So many beside a payload larger than this. */
const FEW_RESULTS_BYTES = 8_192;
const LARGE_PAYLOAD = 1_000_000;

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
type Here = ReadonlyMap<string, Plan>;

function plansByName(specs: readonly FlowSpec[], plans: readonly Plan[]): Here {
  const written = new Map<string, Plan>();
  for (const plan of plans) if (plan.row !== undefined) written.set(plan.id, plan);
  const begun = new Set<string>();
  const here = new Map<string, Plan>();
  for (const [i, { id }] of specs.entries()) {
    const plan = plans[i] as Plan;
    const last = written.get(plan.id);
    if (plan.row !== undefined) begun.add(plan.id);
    // An id that only a later one of the call takes anew meant a job that has ended.
    const isSame = begun.has(plan.id) || last?.status !== 'enqueued';
    here.set(id, (isSame && last) || plan);
  }
  return here;
}

/**
 * Finds out what the jobs wait for, and blocks them. Writes nothing. Throws InvalidOptionError for a job that is not there, unless it is
 * `tolerant`, where nothing may be refused any more: then one that is not there counts as dead.
 */
export function* planDependencies(rows: Rows, { specs, plans, tolerant }: Entry): Step<Dependencies> {
  const found: Dependencies = { awaited: new Set(), ended: new Map(), edges: [] };
  const here = plansByName(specs, plans);
  for (const [i, plan] of plans.entries())
    if (plan.row !== undefined && plan.status === 'enqueued')
      yield* block(rows, specs[i] as FlowSpec, plan, here, found, tolerant);
  return found;
}

function* block(
  rows: Rows,
  { dependsOn }: FlowSpec,
  plan: Plan,
  here: Here,
  found: Dependencies,
  tolerant: boolean,
): Step<void> {
  if (dependsOn === undefined) return;
  const labels = new Map<string, string | readonly string[]>();
  const blockedBy = new Map<string, number | undefined>();
  let row = plan.row as FlowRow;
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
  const ids = [...blockedBy.keys()];
  // Who makes room for it does not take away those that it waits for.
  if (ids.length > 0) plan.spares = ids;
  const known: FlowRow = { ...row, dependsOn: Object.fromEntries(labels) };
  plan.row = waitingFor(known, ids);
}

/** Under which names a job finds what another returned: several, where steps of its flow became duplicates of one job. */
export const labelsOf = ({ dependsOn }: FlowRow, id: string): readonly string[] =>
  [dependsOn?.[id] ?? id].flat();

/** Results for which there is no room are not handed on: who needs more stores them elsewhere, and returns where. */
export function withResult(row: FlowRow, labels: readonly string[], result: FinalRow['result']): FlowRow {
  if (result === undefined) return row;
  const { stored, size } = result;
  const extraBytes = (row.extraBytes ?? 0) + size * labels.length;
  if (extraBytes > (row.size > LARGE_PAYLOAD ? FEW_RESULTS_BYTES : MAX_RESULTS_BYTES)) return row;
  const known = Object.fromEntries(labels.map((label) => [label, stored]));
  return needing({ ...row, extras: { ...row.extras, ...known }, extraBytes });
}

function* standingOf(
  rows: Rows,
  id: string,
  same: Plan | undefined,
  { awaited: waited, ended }: Dependencies,
  tolerant: boolean,
): Step<Standing> {
  if (same?.row !== undefined) {
    same.row = awaited(same.row);
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
  else if (!(rowOf(found) as FlowRow).awaited) waited.add(id);
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
  { awaited: waited, ended, edges }: Dependencies,
): Step<void> {
  for (const { dependency, of, dependent } of edges)
    rows.putRecord(DEPENDENT, seqKey(dependency, dependent.seq), {
      id: dependent.id,
      ...(of === undefined ? {} : { of }),
    });
  for (const [id, row] of ended) tellEnded(rows, control, id, row);
  for (const id of waited) yield* markAwaited(rows, control, id);
}

const awaited = (row: FlowRow): FlowRow => owing({ ...row, awaited: true });

/** A running job's lease says it too, as that is what its end is told from. */
function* markAwaited(rows: Rows, control: Control, id: string): Step<void> {
  const found = yield* read(rows.find(id));
  if (found === undefined) return;
  noteOwing(control, [FLOWS]);
  if (found.at === 'finals') {
    rows.dropFinal(found.row);
    rows.putFinal({ ...found.row, job: awaited(found.row.job) });
    return;
  }
  const { at, row } = found;
  const marked = awaited(row);
  if (at === 'parked') rows.park(marked);
  else rows.moveJob(row, marked);
  for (const claim of yield* read(rows.claims())) {
    const lease = claim.leases.find((held) => held.id === id);
    if (lease === undefined) continue;
    lease.owes = marked.owes ?? [];
    copyToLease(lease, marked);
    rows.putClaims(claim);
  }
}
