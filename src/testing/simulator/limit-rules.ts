import type { Job, NameLimits, Rate } from '../../core/index.ts';
import type { Complain } from './journal.ts';
import type { Snapshot } from './snapshot.ts';

/** Clocks tell whole ms: one may begin less than one early. */
const GRAIN_MS = 1;

/** What a context sets. */
export interface Limits {
  readonly byName: Readonly<Record<string, NameLimits>>;
  readonly maxActive?: number;
}

function activeIn({ jobs }: Snapshot): { readonly all: number; of(name: string): number } {
  const active = [...jobs.values()].filter(({ state }) => state === 'active');
  return { all: active.length, of: (name) => active.filter((job) => job.name === name).length };
}

/** Whoever claims under a limit leaves it kept. */
export function brokenLimits(limits: Limits, taken: readonly Job[], after: Snapshot): string[] {
  if (taken.length === 0) return [];
  const active = activeIn(after);
  const { maxActive = active.all } = limits;
  const wrong = active.all > maxActive ? [`${active.all} are active, ${maxActive} may be`] : [];
  for (const name of new Set(taken.map((job) => job.name))) {
    const { maxActive: most = Number.POSITIVE_INFINITY } = limits.byName[name] ?? {};
    if (active.of(name) > most) wrong.push(`${active.of(name)} of ${name} are active, ${most} may be`);
  }
  return wrong;
}

/** Whether limits leave room for a job of its name, as things stand. */
export function roomIn(now: Snapshot, { byName, maxActive }: Limits): (job: Job) => boolean {
  const active = activeIn(now);
  return ({ name }) =>
    active.all < (maxActive ?? Number.POSITIVE_INFINITY) &&
    active.of(name) < (byName[name]?.maxActive ?? Number.POSITIVE_INFINITY);
}

/** Whether no limit and no rate can be what left a job waiting. */
export function outsideLimits(limits: Limits, after: Snapshot): (job: Job) => boolean {
  const hasRoom = roomIn(after, limits);
  return (job) => hasRoom(job) && limits.byName[job.name]?.rate === undefined;
}

/** In any stretch of w ms at most burst + limit × w / perMs attempts of a name, or of a key of it, begin, over all contexts that know of the rate. */
export class RateRules {
  readonly #begun = new Map<string, number[]>();

  /** Is asked while all clocks go alike, at the begin of each attempt. */
  begins({ name, rateKey }: Job, rate: Rate | undefined, now: number, complain: Complain): void {
    if (rate === undefined) return;
    const { limit, perMs, burst = limit } = rate;
    const key = JSON.stringify([name, rateKey]);
    const begun = [...(this.#begun.get(key) ?? []), now];
    this.#begun.set(key, begun);
    for (const [i, since] of begun.entries()) {
      const most = burst + ((now - since + GRAIN_MS) * limit) / perMs;
      const many = begun.length - i;
      if (many > most) complain('rates', `${many} of ${key} began in ${now - since} ms, ${most} may`);
    }
  }
}
