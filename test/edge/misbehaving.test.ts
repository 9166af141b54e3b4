import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EdgeProcess } from './edge-process.ts';
import { isQuiet, tellFigures } from './figures.ts';
import { orders } from './orders.ts';

const MAX_CRASHES = 3;
const NEIGHBOURS = 5;

describe('a handler that misbehaves in a Durable Object', () => {
  let edge: EdgeProcess;
  beforeAll(async () => {
    edge = await EdgeProcess.start();
  });
  afterAll(() => edge.close());

  it('ends dead at maxCrashes when it kills its process each time, and takes no neighbour along', async () => {
    const tank = edge.tank('kills');
    await tank.enqueue([
      ...orders('before', 2, { act: 'effect', ms: 200 }),
      ...orders('killer', 1, { act: 'hang' }),
      ...orders('after', NEIGHBOURS - 2, { act: 'effect', ms: 200 }),
    ]);
    for (let crash = 1; crash <= MAX_CRASHES; crash++) {
      await tank.hears('running', crash);
      edge.kill();
      await edge.restart();
    }
    const { counts, dead, effects, completions } = await tank.until(
      isQuiet,
      'the killer is dead, the others are done',
    );
    tellFigures('kills its process', { kills: MAX_CRASHES, dead: counts.dead, neighbours: counts.completed });
    expect(dead).toEqual([{ id: 'killer-0', failures: 0, crashes: MAX_CRASHES }]);
    expect(counts).toMatchObject({ completed: NEIGHBOURS, dead: 1 });
    expect(new Set(effects.map(({ id }) => id)).size).toBe(NEIGHBOURS);
    expect(completions.map(({ failures }) => failures)).toEqual(Array.from({ length: NEIGHBOURS }, () => 0));
    expect(tank.told('running')).toHaveLength(MAX_CRASHES);
  });

  it('ends dead at maxCrashes when it resets its object each time, and takes no neighbour along', async () => {
    const tank = edge.tank('aborts');
    await tank.enqueue([
      ...orders('before', 2, { act: 'effect', ms: 100 }),
      ...orders('aborter', 1, { act: 'abort', ms: 50 }),
      ...orders('after', NEIGHBOURS - 2, { act: 'effect', ms: 100 }),
    ]);
    const { counts, dead } = await tank.until(isQuiet, 'the aborter is dead, the others are done');
    tellFigures('resets its object', { dead: counts.dead, neighbours: counts.completed });
    expect(dead).toEqual([{ id: 'aborter-0', failures: 0, crashes: MAX_CRASHES }]);
    expect(counts).toMatchObject({ completed: NEIGHBOURS, dead: 1 });
  });

  it('ends dead at maxCrashes also when it resets its object at once, before anything else happens', async () => {
    const tank = edge.tank('aborts at once');
    await tank.enqueue([
      ...orders('aborter', 1, { act: 'abort' }),
      ...orders('after', NEIGHBOURS, { act: 'effect' }),
    ]);
    const { counts, dead } = await tank.until(isQuiet, 'the aborter is dead, the others are done');
    expect(dead).toEqual([{ id: 'aborter-0', failures: 0, crashes: MAX_CRASHES }]);
    expect(counts).toMatchObject({ completed: NEIGHBOURS, dead: 1 });
  });

  it('ends dead at maxAttempts when it throws for ever, and the others go on', async () => {
    const tank = edge.tank('throws');
    await tank.enqueue([
      ...orders('thrower', 3, { act: 'throw' }),
      ...orders('other', 20, { act: 'effect' }),
    ]);
    const { counts, dead } = await tank.until(isQuiet, 'the throwers are dead, the others are done');
    tellFigures('throws for ever', { dead: counts.dead, neighbours: counts.completed });
    expect(dead.map(({ failures, crashes }) => ({ failures, crashes }))).toEqual(
      Array.from({ length: 3 }, () => ({ failures: 3, crashes: 0 })),
    );
    expect(counts).toMatchObject({ completed: 20, dead: 3 });
  });

  it('goes on beside another user of the alarm that throws whenever it is woken', async () => {
    const tank = edge.tank('other user');
    await tank.ask('/other');
    await tank.enqueue([
      ...orders('now', 5, { act: 'effect' }),
      ...orders('soon', 5, { act: 'effect' }, { delayMs: 1_000 }),
    ]);
    const { counts, otherWoken } = await tank.until(isQuiet, 'the queue is done');
    tellFigures('another user of the alarm throws', { woken: otherWoken, completed: counts.completed });
    expect(counts).toMatchObject({ completed: 10, dead: 0 });
    expect(otherWoken).toBeGreaterThan(0);
    // Woken again at once it would cost an alarm each time.
    expect(otherWoken).toBeLessThan(10);
  });

  it('goes on in a class whose own alarm code throws each time', async () => {
    const tank = edge.tank('own code');
    await tank.ask('/own');
    await tank.enqueue([
      ...orders('now', 5, { act: 'effect' }),
      ...orders('soon', 5, { act: 'effect' }, { delayMs: 500 }),
      ...orders('later', 5, { act: 'effect' }, { delayMs: 1_500 }),
    ]);
    await tank.hears('effect', 15);
    const { counts } = await tank.until(isQuiet, 'the queue is done');
    tellFigures('the class throws in its alarm', { completed: counts.completed });
    expect(counts).toMatchObject({ completed: 15, dead: 0 });
  });
});
