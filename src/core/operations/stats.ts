import type { ClosedTarget, Counts, StoredStats } from '../kernel/messages.ts';
import { stats as readStats } from '../kernel/stats.ts';
import { contextOf, type Handle } from '../queue/context.ts';
import { callable, type PublicOperation } from '../queue/queue-operation.ts';
import { checkNone } from './check-ids.ts';
import { counting } from './count.ts';
import { Measures, type NameMeasures } from './measures.ts';

/** What `stats` returns. */
export interface QueueStats {
  /** As `count` returns it. */
  readonly counts: Counts;
  /** From when on this context has measured: the first call of `stats`. Epoch ms. */
  readonly since: number;
  readonly names: Readonly<Record<string, NameStats>>;
  /** Targets that cannot be reached, or are being tried again. */
  readonly closedTargets: readonly ClosedTarget[];
  /** By job name, until when it is held, epoch ms: by `hold`, or by an attempt that asked for it. Absent: none is. */
  readonly holds?: Readonly<Record<string, number>>;
  /** By feature that this page (or the host of its queue) lacks: how many jobs wait that need it. Absent: none. */
  readonly needsFeatures?: Readonly<Record<string, number>>;
}

/** Of one name: in the store, and with what this context measured. */
export interface NameStats extends NameMeasures {
  /** Jobs not parked and not running, delayed ones included. */
  readonly waiting: number;
  readonly active: number;
  /** How long the next job has been due; absent: none is due. */
  readonly oldestAgeMs?: number;
}

const NOTHING: NameMeasures = {
  completed: 0,
  retried: 0,
  released: 0,
  dead: 0,
  cancelled: 0,
  perMinute: 0,
};

export const measuring: PublicOperation<object, StoredStats> = {
  name: 'stats',
  kind: 'reader',
  check: checkNone,
  rule: () => (rows, now) => readStats(rows, now),
};

/**
 * Returns depth and age by job name from the store, and what this context did since the first call: ends, rates, percentiles of waiting and running.
 * Reads one job for each name and priority, however many wait.
 *
 * @example
 * const { names, closedTargets } = await stats(queue);
 * console.log(names['mail.send']?.oldestAgeMs);
 *
 * @throws StoreError, StoreClosedError
 */
export const stats = /* @__PURE__ */ callable(
  [counting, measuring],
  async (queue: Handle): Promise<QueueStats> => {
    const measures = contextOf(queue).part(Measures);
    const [counts, stored] = await Promise.all([queue.call(counting, {}), queue.call(measuring, {})]);
    const here = measures.byName();
    const names: Record<string, NameStats> = {};
    for (const name of new Set([...Object.keys(stored.names), ...here.keys()]))
      names[name] = { waiting: 0, active: 0, ...NOTHING, ...stored.names[name], ...here.get(name) };
    const { closedTargets = [], names: _, ...more } = stored;
    return { counts, since: measures.since, names, closedTargets, ...more };
  },
);
