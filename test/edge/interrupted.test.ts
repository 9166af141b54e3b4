import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EdgeProcess, type TankHandle } from './edge-process.ts';
import { isQuiet, tellFigures } from './figures.ts';
import { orders } from './orders.ts';

const HOUR_MS = 3_600_000;
const JOBS = 40;
/** Of which sixteen run at a time: what comes in the middle of such jobs is there in time, also on a slow machine. */
const LONG_MS = 2_000;
/** The object is to be idle when it is evicted, also on a machine that takes seconds for that: workerd evicts no other. */
const IDLE_MS = 8_000;

describe('a queue in a Durable Object loses nothing and is not stuck', () => {
  let edge: EdgeProcess;
  beforeAll(async () => {
    edge = await EdgeProcess.start();
  });
  afterAll(() => edge.close());

  /** Everything is done, each job completed once. */
  async function allDone(tank: TankHandle, jobs: number, what: string): Promise<void> {
    const { counts, effects, completions } = await tank.until(isQuiet, 'everything is done');
    const found = new Set(effects.map(({ id }) => id)).size;
    tellFigures(what, { jobs, found, lost: jobs - found, duplicates: effects.length - found });
    expect(found).toBe(jobs);
    expect(counts).toMatchObject({ completed: jobs, pending: 0, active: 0, dead: 0, cancelled: 0 });
    expect(new Set(completions.map(({ id }) => id)).size).toBe(completions.length);
  }

  it('when its object is reset with jobs running, and nobody asks it anything afterwards', async () => {
    const tank = edge.tank('reset');
    await tank.enqueue(orders('job', JOBS, { act: 'effect', ms: LONG_MS }));
    await tank.hears('effect', 1);
    await expect(tank.ask('/abort')).rejects.toThrow();
    const before = tank.told('effect').length;
    const abortedAt = performance.now();
    await tank.hears('effect', before + 1);
    tellFigures('resumed after a reset', { ms: Math.round(performance.now() - abortedAt) });
    await allDone(tank, JOBS, 'reset with jobs running');
  });

  it('when its idle object is evicted while jobs are delayed', async () => {
    const tank = edge.tank('evicted');
    await tank.enqueue(orders('job', JOBS, { act: 'effect' }, { delayMs: IDLE_MS }));
    await tank.evict();
    await tank.hears('effect', 1);
    await allDone(tank, JOBS, 'evicted while idle');
  });

  it('when its idle object is evicted, and is woken by one alarm for all that is due', async () => {
    const tank = edge.tank('evicted, woken once');
    await tank.enqueue(orders('job', 100, { act: 'effect' }, { delayMs: IDLE_MS }));
    await tank.evict();
    await tank.hears('effect', 100);
    const { alarms, alarmAt } = await tank.until(isQuiet, 'everything is done');
    expect({ alarms, alarmAt }).toEqual({ alarms: 1, alarmAt: null });
  });

  it('when new code has a handler that the old one had not, and tells it in its alarm only', async () => {
    const tank = edge.tank('untold');
    await tank.enqueue(orders('later', JOBS, { act: 'effect' }, { name: 'later' }));
    await tank.until(({ alarms, alarmAt }) => alarms > 0 && alarmAt === null, 'nobody handles it: no alarm');
    await edge.restart(2);
    // The platform makes no object for a deploy: the next request does.
    await tank.state();
    await tank.hears('effect', JOBS);
    await allDone(tank, JOBS, 'a new handler is deployed');
    await edge.restart(1);
  });

  it('when other code is deployed in the middle, which also takes up what the old code had no handler for', async () => {
    const tank = edge.tank('deployed');
    await tank.enqueue([
      ...orders('job', JOBS, { act: 'effect', ms: LONG_MS }),
      ...orders('later', JOBS, { act: 'effect' }, { name: 'later' }),
    ]);
    await tank.hears('effect', 1);
    const before = tank.told('effect').length;
    await edge.restart(2);
    await tank.hears('effect', before + 1);
    await allDone(tank, 2 * JOBS, 'deployed in the middle');
    const { effects } = await tank.state();
    const versions = (what: string) =>
      new Set(effects.filter(({ id }) => id.startsWith(what)).map(({ version }) => version));
    expect(versions('later')).toEqual(new Set([2]));
    expect(versions('job')).toEqual(new Set([1, 2]));
  });

  it('when the clock is set back an hour with jobs running, waiting and retried', async () => {
    const tank = edge.tank('clock');
    await tank.enqueue([
      ...orders('job', JOBS, { act: 'effect', ms: 100 }),
      // Due before the clock is set back, and not begun: what runs takes all slots.
      ...orders('timed', JOBS, { act: 'effect', ms: 100 }, { delayMs: 1 }),
      ...orders('thrower', 1, { act: 'throw' }),
    ]);
    await tank.hears('effect', 1);
    await tank.ask('/clock', { byMs: -HOUR_MS });
    // What comes afterwards goes by the new clock.
    await tank.enqueue(orders('after', JOBS, { act: 'effect' }, { delayMs: 500 }));
    const { counts, dead } = await tank.until(isQuiet, 'everything is done');
    tellFigures('the clock set back', { jobs: 3 * JOBS + 1, completed: counts.completed, dead: counts.dead });
    expect(counts).toMatchObject({ completed: 3 * JOBS, dead: 1 });
    expect(dead).toMatchObject([{ failures: 3, crashes: 0 }]);
  });

  it('when the clock is set back an hour while jobs wait for their time, and the object is restarted', async () => {
    const tank = edge.tank('clock asleep');
    await tank.enqueue(orders('delayed', JOBS, { act: 'effect' }, { delayMs: HOUR_MS }));
    await tank.ask('/clock', { byMs: -HOUR_MS });
    await edge.restart();
    await tank.enqueue(orders('next', 1, { act: 'effect' }));
    await tank.hears('effect', 1);
    await tank.ask('/clock', { byMs: 2 * HOUR_MS });
    // Set forward the platform's alarm is due: nobody has to ask.
    await tank.hears('effect', JOBS + 1);
    await allDone(tank, JOBS + 1, 'the clock set back while they waited, then forward');
  });
});
