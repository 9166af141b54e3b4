import type { Rate } from '../../core/features/limits/rate-setting.ts';
import type { Job } from '../../core/kernel/job.ts';
import type { FeaturedClaim } from '../every-feature.ts';
import type { Times } from './answer-laws.ts';
import type { AnswerOf, RequestOf, Turn } from './turn.ts';

/** The rate that claims of a walk name: few enough that keys wait, quick enough that they do not wait for long. */
export const rate: Required<Rate> = { limit: 2, perMs: 3_000, burst: 2 };

/** Clocks tell whole ms: one may begin less than one early. */
const GRAIN_MS = 1;

/** What limits over all workers promise, counted from outside. */
export class LimitLaws {
  /** By name and key: when jobs were claimed under the rate, while the clock went forward. */
  readonly #taken = new Map<string, number[]>();

  broken(turn: Turn, { steady }: Times): string | undefined {
    if (turn.operation !== 'exchange') return undefined;
    const { claim } = turn.request as RequestOf<'exchange'>;
    const jobs = (turn.answer as AnswerOf<'exchange'>).jobs.map(({ job }) => job);
    if (claim === undefined || jobs.length === 0) return undefined;
    return this.#tooMany(turn, claim, jobs) ?? (steady ? this.#tooFast(turn, claim, jobs) : undefined);
  }

  /** As many as a burst began in the time of one: without that the rate of the name, which counts those without a key, keeps nobody. */
  isSpent(name: string, now: number): boolean {
    const since = now - (rate.burst * rate.perMs) / rate.limit - GRAIN_MS;
    return (this.#taken.get(keyOf(name))?.filter((at) => at > since).length ?? 0) >= rate.burst;
  }

  /** Who adds to the active of a limit does not go beyond it. */
  #tooMany({ after }: Turn, claim: FeaturedClaim, jobs: readonly Job[]): string | undefined {
    const { active } = after;
    if (claim.maxActive !== undefined && active.length > claim.maxActive)
      return `${active.length} jobs are active, a claim was to leave it at ${claim.maxActive}`;
    for (const { name } of jobs) {
      const { maxActive = active.length } = claim.names[name] ?? {};
      const same = active.filter((job) => job.name === name).length;
      if (same > maxActive) return `${same} of ${name} are active, a claim was to leave it at ${maxActive}`;
    }
    return undefined;
  }

  /** In any stretch of w ms at most burst + limit × w / perMs begin. */
  #tooFast({ now }: Turn, claim: FeaturedClaim, jobs: readonly Job[]): string | undefined {
    for (const { name, rateKey } of jobs) {
      if (claim.names[name]?.rate === undefined) continue;
      const key = keyOf(name, rateKey);
      const taken = [...(this.#taken.get(key) ?? []), now];
      this.#taken.set(key, taken);
      for (const [i, since] of taken.entries()) {
        const most = rate.burst + ((now - since + GRAIN_MS) * rate.limit) / rate.perMs;
        if (taken.length - i > most)
          return `${taken.length - i} of ${key} were claimed in ${now - since} ms, ${most} may be`;
      }
    }
    return undefined;
  }
}

const keyOf = (name: string, rateKey?: string): string => JSON.stringify([name, rateKey]);
