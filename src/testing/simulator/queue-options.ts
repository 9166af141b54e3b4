import type { DropPolicy, Keep, KeepRules, QueueOptions } from '../../core/index.ts';
import type { Random } from './random.ts';

export type SimulatedQueueOptions = Pick<
  QueueOptions,
  'maxDepth' | 'maxDelayed' | 'ageing' | 'dedupeMs' | 'outageMs'
> & {
  readonly drops?: DropPolicy;
  readonly maxActive?: number;
  readonly owner?: string;
  readonly probeMaxMs: number;
};

/** The same for all contexts of a run: each option is there in some of the runs. */
export function nextQueueOptions(random: Random): SimulatedQueueOptions {
  return {
    dedupeMs: random.pick([0, 1_000, 3_600_000]),
    ...(random.chance(0.3) ? { maxDepth: random.between(5, 40) } : {}),
    ...(random.chance(0.2) ? { maxDelayed: random.between(2, 10) } : {}),
    ...nextDrops(random),
    ...(random.chance(0.3) ? { owner: 'somebody' } : {}),
    ...(random.chance(0.3) ? { maxActive: random.between(2, 6) } : {}),
    ...(random.chance(0.3) ? { ageing: random.between(2, 5) } : {}),
    ...(random.chance(0.5) ? { outageMs: random.pick([2_000, 30_000, 600_000]) } : {}),
    probeMaxMs: random.pick([1_000, 10_000, 60_000]),
  };
}

/** Refuses it half of the time, and a third of the other. */
function nextDrops(random: Random): Pick<SimulatedQueueOptions, 'drops'> {
  const drops = random.chance(0.5) ? random.pick([undefined, 'oldest', 'lowest'] as const) : undefined;
  return drops === undefined ? {} : { drops };
}

/** By which ended jobs stay, in all contexts of a run. */
export function nextKeepRules(random: Random): KeepRules {
  return {
    ...(random.chance(0.3) ? { completed: nextKeep(random) } : {}),
    ...(random.chance(0.3) ? { dead: nextKeep(random) } : {}),
  };
}

function nextKeep(random: Random): Keep {
  const ageMs = random.between(1, 30_000);
  const count = random.between(1, 10);
  return random.pick([{ count }, { ageMs }, { count, ageMs }]);
}
