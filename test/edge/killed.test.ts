import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EdgeProcess, type TankHandle } from './edge-process.ts';
import { isQuiet, tellFigures } from './figures.ts';
import type { Order } from './messages.ts';

const RUNS = [1, 2, 3, 4, 5];
const SENDERS = 8;
const JOBS = 300;

/** Enqueues until it is told to end; answers the ids that were acknowledged. The process may go meanwhile. */
async function stream(tank: TankHandle, onAcknowledged: (jobs: number) => void): Promise<string[]> {
  const acknowledged: string[] = [];
  let sent = 0;
  const send = async (): Promise<void> => {
    for (;;) {
      const orders = Array.from({ length: 1 + (sent % 7) }, (): Order => {
        const n = sent++;
        return { id: `job-${n}`, name: n % 2 === 0 ? 'work' : 'later', payload: { act: 'effect' } };
      });
      try {
        await tank.enqueue(orders);
      } catch {
        return;
      }
      acknowledged.push(...orders.map(({ id }) => id));
      onAcknowledged(acknowledged.length);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
  return acknowledged;
}

describe('kill -9 of workerd', () => {
  let edge: EdgeProcess;
  beforeAll(async () => {
    edge = await EdgeProcess.start();
  });
  afterAll(() => edge.close());

  it.each(RUNS)('in a stream of enqueues loses no acknowledged job, run %i', async (run) => {
    const tank = edge.tank(`stream ${run}`);
    let killed = false;
    const acknowledged = await stream(tank, (jobs) => {
      if (killed || jobs < run * 40) return;
      killed = true;
      edge.kill();
    });
    await edge.restart();
    const works = (id: string): boolean => Number(id.slice(4)) % 2 === 0;
    const state = await tank.until(
      ({ counts, pending }) => counts.active === 0 && !pending.some(works),
      'what has a handler is done',
    );
    const found = new Set([...state.pending, ...state.effects.map(({ id }) => id)]);
    const lost = acknowledged.filter((id) => !found.has(id));
    tellFigures(`kill in a stream, run ${run}`, {
      acknowledged: acknowledged.length,
      found: found.size,
      lost: lost.length,
    });
    expect(lost).toEqual([]);
    expect(state.counts.pending + state.counts.completed).toBe(found.size);
  });

  it.each(RUNS)(
    'in a drain is resumed by the restart alone, each job completed once, run %i',
    async (run) => {
      const tank = edge.tank(`drain ${run}`);
      const orders = Array.from({ length: JOBS }, (_, n): Order => {
        return { id: `job-${n}`, name: 'work', payload: { act: 'effect', ms: 5 } };
      });
      await tank.enqueue(orders);
      await tank.hears('effect', run * 40);
      edge.kill();
      const killedAt = performance.now();
      const before = tank.told('effect').length;
      await edge.restart();
      const restartMs = Math.round(performance.now() - killedAt);
      await tank.hears('effect', before + 1);
      const resumedMs = Math.round(performance.now() - killedAt) - restartMs;
      const { counts, effects, completions } = await tank.until(isQuiet, 'everything is done');
      const done = new Set(effects.map(({ id }) => id));
      const lost = orders.filter(({ id }) => !done.has(id)).length;
      const duplicates = effects.length - done.size;
      tellFigures(`kill in a drain, run ${run}`, { jobs: JOBS, lost, duplicates, restartMs, resumedMs });
      expect(lost).toBe(0);
      expect(new Set(effects.map(({ id, fence }) => `${id} ${fence}`)).size).toBe(effects.length);
      expect(new Set(completions.map(({ id }) => id)).size).toBe(completions.length);
      expect(counts).toMatchObject({ completed: JOBS, pending: 0, active: 0, dead: 0, cancelled: 0 });
    },
  );
});
