import { describe, expect, it } from 'vitest';
import type { JobSpec, ListRequest, Outcome } from '../../core/kernel/messages.ts';
import type { Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { bury, complete, specs, T } from './spec.ts';

const FEW = 400;
/** How many times as many the second queue has. */
const TIMES = 4;
/** What is read and written a call beside jobs (a queue's own row, a look behind the last) is more or less of a page by chance. */
const CHANCE = 1.1;
const PAGE = 100;
const TIMEOUT_MS = 60_000;

type State = ListRequest['state'];
interface Filling {
  readonly named: string;
  readonly state: State;
  readonly more?: Partial<Omit<JobSpec, 'id'>>;
  readonly outcome?: Outcome;
}

const FILLINGS: readonly Filling[] = [
  { named: 'waiting jobs', state: 'pending' },
  { named: 'delayed jobs', state: 'pending', more: { delayMs: 60_000 } },
  { named: 'jobs of one lane', state: 'pending', more: { lane: 'doc' } },
  { named: 'dead letters', state: 'dead', outcome: bury() },
  { named: 'remembered jobs', state: 'completed', more: { dedupeMs: 60_000 }, outcome: complete() },
];

/** Ids of a state, page by page; `each` may change what lies behind the page. */
async function pages(
  opening: Opening,
  state: State,
  each: (ids: readonly string[]) => Promise<unknown>,
): Promise<number> {
  let cursor: string | undefined;
  let found = 0;
  do {
    const page = await opening.list({ state, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    const ids = page.jobs.map(({ id }) => id);
    found += ids.length;
    if (ids.length > 0) await each(ids);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

async function fill(opening: Opening, count: number, { more, outcome }: Filling): Promise<void> {
  for (let from = 0; from < count; from += PAGE) await opening.enqueue(T, ...specs(`${from} `, PAGE, more));
  for (let left = outcome === undefined ? 0 : count; left > 0; left -= PAGE) {
    const jobs = await opening.claim(T, { limit: PAGE });
    await opening.exchange(
      T,
      jobs.map((job) => [job, outcome as Outcome]),
    );
  }
}

/** Rows that `act` touches in a queue with `FEW` jobs, and in one with `TIMES` as many. */
async function costs(
  { a, harness }: Scene,
  filling: Filling,
  act: (opening: Opening) => Promise<number>,
): Promise<readonly number[]> {
  const found: number[] = [];
  for (const count of [FEW, FEW * TIMES]) {
    const opening = a.inQueue(`of ${count}`);
    await fill(opening, count, filling);
    const before = harness.steps();
    expect(await act(opening)).toBe(count);
    const after = harness.steps();
    found.push(after.read - before.read + after.written - before.written);
  }
  return found;
}

const WAYS: Readonly<Record<string, (opening: Opening, state: State) => Promise<number>>> = {
  'reading through': (opening, state) => pages(opening, state, async () => undefined),
  clearing: async (opening, state) => {
    const clear = () =>
      pages(opening, state, (ids) =>
        state === 'pending' ? opening.cancel(T, ...ids) : opening.remove(T, ...ids),
      );
    // Of a lane the first behind a page has become its head meanwhile.
    return (await clear()) + (await clear());
  },
  purging: async (opening) => (await opening.purge(T, false, PAGE)).removed,
};

export function describeLinear(scene: Scene): void {
  describe('many jobs', () => {
    for (const [way, act] of Object.entries(WAYS))
      for (const filling of FILLINGS)
        it(
          `${way} four times as many ${filling.named} touches four times as many rows`,
          async () => {
            const [few = 0, many = 0] = await costs(scene, filling, (opening) => act(opening, filling.state));
            expect(few).toBeGreaterThanOrEqual(FEW);
            expect(many).toBeLessThanOrEqual(few * TIMES * CHANCE);
          },
          TIMEOUT_MS,
        );

    it(
      'redriving four times as many dead letters touches four times as many rows',
      async () => {
        const filling: Filling = { named: 'dead letters', state: 'dead', outcome: bury() };
        const redrive = (opening: Opening) => pages(opening, 'dead', (ids) => opening.redrive(T, ...ids));
        const [few = 0, many = 0] = await costs(scene, filling, redrive);
        expect(few).toBeGreaterThanOrEqual(FEW);
        expect(many).toBeLessThanOrEqual(few * TIMES * CHANCE);
      },
      TIMEOUT_MS,
    );
  });
}
