import { revealed } from '../../kernel/damage.ts';
import type { ClaimGuard } from '../../kernel/features.ts';
import { seqKey } from '../../kernel/order.ts';
import type { Rows } from '../../kernel/rows.ts';
import { read, type Step } from '../../kernel/step.ts';
import type { Feature } from '../../queue/feature.ts';
import { orderOf } from '../order.ts';
import { countingBatch } from './batch.ts';
import { movesOf, writeMoves } from './batch-moves.ts';
import { checkCycles } from './cycles.ts';
import { planDependencies, writeDependencies } from './dependencies.ts';
import { noteFlowEnd } from './ends.ts';
import { copyToLease, DEPENDENT, FLOWS, type FlowControl, type FlowRow } from './flow-row.ts';
import { goOn } from './go-on.ts';
import {
  checkFlowOptions,
  FLOW_OPTIONS,
  type FlowOptions,
  type FlowSpec,
  nameResults,
  SENT_WITH,
} from './options.ts';
import { recallFlows } from './recall.ts';
import { returnFlow, reviveDependents, waitAgain } from './revivals.ts';

/** A batch counts ends, and asks for no results. */
const GUARD: ClaimGuard = {
  leased(lease, row: FlowRow, claimed) {
    if (row.owes === undefined) return;
    copyToLease(lease, row);
    if (row.owes.length === 1 && row.owes[0] === FLOWS && !row.awaited) claimed.awaited = 'quietly';
  },
};

/** So many dependents of redriven jobs live again at once; the rest by the next exchanges. */
const MAX_REVIVED = 100;

/**
 * Lets jobs wait for others (`dependsOn`, `enqueueFlow`), and counts jobs together (`batch`).
 *
 * @example
 * const queue = createQueue({ name: 'sync', jobs, store, use: [flows()] });
 * const { id } = await queue.enqueue('photo.push', photo);
 * await queue.enqueue('note.push', note, { dependsOn: id });
 */
export function flows(): Feature<FlowOptions> {
  return {
    name: FLOWS,
    order: orderOf(FLOWS),
    options: FLOW_OPTIONS,
    together: checkFlowOptions,
    specify: nameResults,
    sent: SENT_WITH,
    unscheduled: ['dependsOn', 'onDependencyDeath', 'batch'],
    lies: { beside: 'dependsOn', at: 'batch', look: countingBatch },
    checks: checkCycles,
    *enters(rows, entry) {
      const { plans } = entry;
      const specs: readonly FlowSpec[] = entry.specs;
      const ties = specs.some(({ dependsOn }) => dependsOn !== undefined);
      const counts =
        specs.some(({ batch }) => batch !== undefined) ||
        plans.some(({ before }) => before !== undefined && (before as FlowRow).batch !== undefined);
      if (!ties && !counts) return undefined;
      const dependencies = ties ? yield* planDependencies(rows, entry) : undefined;
      const moves = yield* movesOf(rows, entry);
      return function* (control) {
        yield* writeMoves(rows, control, moves);
        if (dependencies !== undefined) yield* writeDependencies(rows, control, dependencies);
      };
    },
    replaces(row: { -readonly [Field in keyof FlowRow]: FlowRow[Field] }, newcomer: FlowRow) {
      if (newcomer.batch === undefined) delete row.batch;
      else row.batch = newcomer.batch;
    },
    claims: () => GUARD,
    leaves: noteFlowEnd,
    revives: waitAgain,
    returns: returnFlow,
    discards(rows, { blockedBy = [], seq }: FlowRow) {
      for (const other of blockedBy) rows.dropRecord(DEPENDENT, seqKey(other, seq));
    },
    turns: goOn,
    // Whoever comes by tells those that wait for what has ended.
    wants: ({ ended }: FlowControl, now) => (ended ? now : undefined),
    recalls: recallFlows,
    view(rows, job, { dependsOn, extras, awaited }: FlowRow) {
      if (awaited !== undefined) delete (job as { awaited?: boolean }).awaited;
      if (dependsOn !== undefined) job.dependsOn = Object.keys(dependsOn);
      if (extras !== undefined) job.results = revealedAll(rows, extras);
    },
    *explains(_rows, _control, { parkedBy, blockedBy = [] }: FlowRow) {
      return parkedBy === FLOWS ? [{ why: 'dependencies', ids: [...blockedBy] }] : [];
    },
    *ran(rows, { name }, now) {
      if (name === 'redrive') yield* reviveMore(rows, now);
    },
  };
}

function* reviveMore(rows: Rows, now: number): Step<void> {
  const control: FlowControl | undefined = yield* read(rows.control());
  if (!control?.ended) return;
  for (let steps = 0, more = 1; more > 0 && steps < MAX_REVIVED; steps += more)
    more = yield* reviveDependents(rows, control, MAX_REVIVED - steps, now);
  rows.putControl(control);
}

function revealedAll(rows: Rows, stored: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(stored).map(([name, value]) => [name, revealed(() => rows.codec.reveal(value))]),
  );
}
