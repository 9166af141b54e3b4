import type { ClaimRequest, Job } from '../../core/index.ts';
import type { Call } from './call.ts';
import type { Snapshot } from './snapshot.ts';
import type { Complain } from './transitions.ts';

/** Clocks tell whole ms: one may begin less than one early. */
const GRAIN_MS = 1;

type Limits = Pick<ClaimRequest, 'names' | 'maxActive'>;

function activeIn({ jobs }: Snapshot): { readonly all: number; of(name: string): number } {
  const active = [...jobs.values()].filter(({ state }) => state === 'active');
  return { all: active.length, of: (name) => active.filter((job) => job.name === name).length };
}

/** Whoever claims under a limit leaves it kept. */
export function brokenLimits(request: Limits, taken: readonly Job[], after: Snapshot): string[] {
  if (taken.length === 0) return [];
  const active = activeIn(after);
  const { maxActive = active.all } = request;
  const wrong = active.all > maxActive ? [`${active.all} are active, ${maxActive} may be`] : [];
  for (const name of new Set(taken.map((job) => job.name))) {
    const { maxActive: most = Number.POSITIVE_INFINITY } = request.names[name] ?? {};
    if (active.of(name) > most) wrong.push(`${active.of(name)} of ${name} are active, ${most} may be`);
  }
  return wrong;
}

/** Whether limits leave room for a job of its name, as things stand. */
export function roomIn(now: Snapshot, names: Limits['names'], maxActive?: number): (job: Job) => boolean {
  const active = activeIn(now);
  return ({ name }) =>
    active.all < (maxActive ?? Number.POSITIVE_INFINITY) &&
    active.of(name) < (names[name]?.maxActive ?? Number.POSITIVE_INFINITY);
}

/** Whether no limit and no rate can be what left a job waiting. */
export function outsideLimits({ names, maxActive }: Limits, after: Snapshot): (job: Job) => boolean {
  const hasRoom = roomIn(after, names, maxActive);
  return (job) => hasRoom(job) && names[job.name]?.rate === undefined;
}

type Exchange = Extract<Call, { method: 'exchange' }>;

/** In any stretch of w ms at most burst + limit × w / perMs of a name, or of a key of it, are claimed. */
export class RateRules {
  readonly #taken = new Map<string, number[]>();
  #latest = 0;

  /** Is asked while all clocks go alike; calls may yet come a little out of order. */
  check(call: Call, complain: Complain): void {
    // The store's time goes on with every call, whoever made it.
    this.#latest = Math.max(this.#latest, call.now);
    if (call.method === 'exchange' && call.error === undefined) this.#take(call, complain);
  }

  /** The store's instant lies between that of the call and the latest that it heard of. */
  #take({ request: { claim }, answer, now }: Exchange, complain: Complain): void {
    for (const { job } of answer.jobs) {
      const rate = claim?.names[job.name]?.rate;
      if (rate === undefined) continue;
      const { limit, perMs, burst = limit } = rate;
      const key = JSON.stringify([job.name, job.rateKey]);
      const taken = [...(this.#taken.get(key) ?? []), now];
      this.#taken.set(key, taken);
      for (const [i, since] of taken.entries()) {
        const most = burst + ((this.#latest - since + GRAIN_MS) * limit) / perMs;
        const many = taken.length - i;
        if (many > most) complain('rates', `${many} of ${key} in ${this.#latest - since} ms, ${most} may be`);
      }
    }
  }
}
