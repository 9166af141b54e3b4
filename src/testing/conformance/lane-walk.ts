import { describe, expect, it } from 'vitest';
import type { Job } from '../../core/kernel/job.ts';
import type { ClaimedJob, Outcome } from '../../core/kernel/messages.ts';
import type { Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { bury, complete, release, retry, spec, T } from './spec.ts';

const STEPS = 120;
const lane = 'doc';
const names = ['job', 'mail'];

/** The same steps through a lane for the same seed, and after each of them the invariant of lanes. */
export function describeLaneWalk(scene: Scene): void {
  describe('a walk through a lane', () => {
    for (const seed of [1, 2, 3])
      it(`leaves exactly one un-parked job after each step, and nothing at the end (seed ${seed})`, async () => {
        const walk = new Walk(scene, seed);
        for (let step = 0; step < STEPS; step += 1) {
          const what = await walk.step();
          const live = await liveJobs(scene.b);
          const heads = live.filter((job) => !job.parked).map((job) => job.id);
          expect(heads, `heads after step ${step}, ${what}`).toHaveLength(Math.min(1, live.length));
        }
        expect(walk.runs, 'jobs that ran').toBeGreaterThan(10);
        await walk.finish();
        expect(await scene.a.count()).toMatchObject({ pending: 0, active: 0 });
      });
  });
}

async function liveJobs(opening: Opening): Promise<readonly Job[]> {
  const [pending, active] = [
    await opening.list({ state: 'pending' }),
    await opening.list({ state: 'active' }),
  ];
  return [...pending.jobs, ...active.jobs];
}

class Walk {
  runs = 0;
  readonly #a: Opening;
  readonly #b: Opening;
  #state: number;
  #now = T;
  #enqueued = 0;
  #held: ClaimedJob | undefined;

  constructor({ a, b }: Scene, seed: number) {
    this.#a = a;
    this.#b = b;
    this.#state = seed;
  }

  /** The next number of a linear congruential sequence (Numerical Recipes), below `bound`. */
  #next(bound: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * bound);
  }

  /** Takes one step; answers its name. */
  async step(): Promise<string> {
    this.#now += this.#next(700);
    const opening = this.#next(2) === 0 ? this.#a : this.#b;
    const kind = this.#next(9);
    if (kind < 2) return this.#enqueue(opening);
    if (this.#held === undefined && kind < 7) return this.#claim(opening);
    if (kind < 5) return this.#settle(opening, complete(), 'complete');
    if (kind === 5) return this.#giveBack(opening);
    if (kind === 6) return this.#lose(opening);
    return kind === 7 ? this.#cancel(opening) : this.#redrive(opening);
  }

  /** Lets time pass until every job of the lane has ended. */
  async finish(): Promise<void> {
    for (let turn = 0; turn <= this.#enqueued; turn += 1) {
      if (this.#held === undefined) await this.#claim(this.#a);
      this.#now += 1_000_000;
      await this.#settle(this.#b, complete(), 'complete');
    }
  }

  async #enqueue(opening: Opening): Promise<string> {
    const id = `x${this.#enqueued}`;
    this.#enqueued += 1;
    const delayMs = this.#next(2) * 900;
    const name = names[this.#next(2)] ?? 'job';
    await opening.enqueue(
      this.#now,
      spec(id, { lane, name, delayMs, priority: this.#next(3), maxCrashes: 3 }),
    );
    return `enqueue ${id}`;
  }

  async #claim(opening: Opening): Promise<string> {
    const jobs = await opening.claim(this.#now, { names, idle: true, leaseMs: 1_000_000_000 });
    expect(jobs.length, 'jobs of one lane claimed at once').toBeLessThanOrEqual(1);
    this.#held = jobs[0];
    this.runs += jobs.length;
    return `claim ${this.#held?.job.id}`;
  }

  async #settle(opening: Opening, outcome: Outcome, what: string): Promise<string> {
    const held = this.#held;
    this.#held = undefined;
    if (held)
      expect(await opening.settle(this.#now, held, outcome), `${what} ${held.job.id}`).toBe('settled');
    return `${what} ${held?.job.id}`;
  }

  #giveBack(opening: Opening): Promise<string> {
    const runAt = this.#now + this.#next(900);
    return this.#next(2) === 0
      ? this.#settle(opening, retry(runAt), 'retry')
      : this.#settle(opening, release(runAt), 'release');
  }

  async #lose(opening: Opening): Promise<string> {
    if (this.#next(2) === 0) return this.#settle(opening, bury(), 'bury');
    const { reclaimed, dead, cancelled } = await opening.reclaim(this.#now, { goneWorkers: ['worker'] });
    expect([...reclaimed, ...dead, ...cancelled]).toHaveLength(this.#held ? 1 : 0);
    this.#held = undefined;
    return `reclaim ${reclaimed}${dead}${cancelled}`;
  }

  async #cancel(opening: Opening): Promise<string> {
    const live = await liveJobs(opening);
    const id = live[this.#next(live.length)]?.id ?? 'none';
    await opening.cancel(this.#now, id);
    return `cancel ${id}`;
  }

  async #redrive(opening: Opening): Promise<string> {
    const ids = await opening.listIds('dead');
    await opening.redrive(this.#now, ...ids);
    return `redrive ${ids}`;
  }
}
