import { describe, expect, it } from 'vitest';
import type { Scene } from './scene.ts';
import { complete, release, retry, spec, specs, T } from './spec.ts';

export function describeOrder(scene: Scene): void {
  describe('order', () => {
    describePriority(scene);
    describeMixing(scene);
    describeStreams(scene);
    describeReturners(scene);
  });
}

function describePriority(scene: Scene): void {
  it('low, normal, high queued in that order run high, normal, low', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('low', { priority: -10 }), spec('normal'), spec('high', { priority: 10 }));
    const claimed = [await b.claimOne(T), await a.claimOne(T), await b.claimOne(T)];
    expect(claimed.map(({ job }) => job.id)).toEqual(['high', 'normal', 'low']);
  });

  it('every priority from -100 to 100 has its place', async () => {
    const { a, b } = scene;
    const priorities = [0, -100, 9, 100, -1, 99, 1, 10, -99];
    await a.enqueue(T, ...priorities.map((priority) => spec(`${priority}`, { priority })));
    expect(await b.claimIds(T)).toEqual(['100', '99', '10', '9', '1', '0', '-1', '-99', '-100']);
  });

  it('inside a priority the first in is the first out, whatever the ids say', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('z'), spec('m'));
    await b.enqueue(T, spec('a'));
    expect(await a.claimIds(T)).toEqual(['z', 'm', 'a']);
  });

  it('undelayed jobs go by seq even when the clock ran backwards between them', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('1st'));
    await b.enqueue(T - 1_500, spec('2nd', { name: 'mail' }), spec('3rd'));
    await a.enqueue(T - 500, spec('4th', { name: 'mail' }));
    expect(await b.claimIds(T, { names: ['mail', 'job'] })).toEqual(['1st', '2nd', '3rd', '4th']);
  });

  it('the order is one across the names of a claim', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('1', { name: 'mail' }), spec('2', { name: 'push' }), spec('3', { name: 'mail' }));
    await b.enqueue(T, spec('4', { name: 'push' }), spec('0', { name: 'push', priority: 1 }));
    expect(await a.claimIds(T, { names: ['push', 'mail'] })).toEqual(['0', '1', '2', '3', '4']);
  });
}

function describeMixing(scene: Scene): void {
  it('a limit cuts the order, it does not change it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...['1', '3', '5'].map((id) => spec(id)), spec('0', { priority: 1 }));
    await b.enqueue(T, spec('6', { name: 'mail' }), spec('7'));
    const names = ['job', 'mail'];
    expect(await a.claimIds(T, { names, limit: 2 })).toEqual(['0', '1']);
    expect(await b.claimIds(T, { names, limit: 3 })).toEqual(['3', '5', '6']);
    expect(await a.claimIds(T, { names })).toEqual(['7']);
  });

  it('a greater priority goes first although others have waited longer', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('old'), spec('timed', { delayMs: 1_000, priority: 5 }));
    expect(await b.claimIds(T + 9_000)).toEqual(['timed', 'old']);
  });

  it('newcomers find their place between jobs that were claimed and jobs that wait', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('n', 3), ...specs('h', 2, { priority: 10 }));
    expect(await b.claimIds(T, { limit: 3 })).toEqual(['h0', 'h1', 'n0']);
    await a.enqueue(T, spec('h2', { priority: 10 }), spec('n3'), spec('l0', { priority: -10 }));
    expect(await b.claimIds(T, { limit: 2 })).toEqual(['h2', 'n1']);
    await b.enqueue(T, spec('h3', { priority: 10 }));
    expect(await a.claimIds(T)).toEqual(['h3', 'n2', 'n3', 'l0']);
  });
}

function describeStreams(scene: Scene): void {
  it('delayed jobs go by the instant they are due, then by seq', async () => {
    const { a, b } = scene;
    await a.enqueue(
      T,
      spec('late', { delayMs: 20 }),
      spec('soon', { delayMs: 10 }),
      spec('also', { delayMs: 10 }),
    );
    expect(await b.claimIds(T + 30)).toEqual(['soon', 'also', 'late']);
  });

  it('of a delayed and an undelayed job the one that has waited longer goes first', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('since 0'), spec('since 10', { delayMs: 10 }), spec('since 30', { delayMs: 30 }));
    await b.enqueue(T + 20, spec('since 20'));
    await a.enqueue(T + 40, spec('since 40'));
    expect(await b.claimIds(T + 50)).toEqual(['since 0', 'since 10', 'since 20', 'since 30', 'since 40']);
  });

  it('it does so one claim at a time too, and across names', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('since 10', { delayMs: 10, name: 'mail' }), spec('since 0'));
    await b.enqueue(T + 5, spec('since 5', { name: 'push' }));
    await a.enqueue(T + 20, spec('since 20', { name: 'mail' }));
    const ids = [];
    for (const worker of [a, b, a, b])
      ids.push((await worker.claimOne(T + 30, { names: ['job', 'mail', 'push'] })).job.id);
    expect(ids).toEqual(['since 0', 'since 5', 'since 10', 'since 20']);
  });

  it('when both have waited equally long the lower seq goes first', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('timed first', { delayMs: 10 }));
    await b.enqueue(T + 10, spec('plain second'));
    expect(await a.claimIds(T + 10)).toEqual(['timed first', 'plain second']);
    await a.enqueue(T + 20, spec('plain first'), spec('timed second', { runAt: T + 21 }));
    await b.enqueue(T + 21, spec('plain third'));
    expect(await b.claimIds(T + 30)).toEqual(['plain first', 'timed second', 'plain third']);
    await a.enqueue(T + 40, spec('plain'), spec('given back', { name: 'mail' }));
    await a.settle(T + 40, await b.claimOne(T + 40, { names: ['mail'] }), release(T + 40));
    expect(await a.claimIds(T + 40, { names: ['mail', 'job'] })).toEqual(['plain', 'given back']);
  });
}

function describeReturners(scene: Scene): void {
  it('a retried job goes by the instant it is due again', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    const x = await b.claimOne(T);
    await a.settle(T + 5, x, retry(T + 10));
    await b.enqueue(T + 20, spec('z'));
    expect(await a.claimIds(T + 30)).toEqual(['y', 'x', 'z']);
  });

  it('a released job goes by the instant it is due again', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    const x = await b.claimOne(T);
    await a.settle(T + 5, x, release(T + 5));
    await b.enqueue(T + 6, spec('z'));
    expect(await a.claimIds(T + 30)).toEqual(['y', 'x', 'z']);
  });

  it('a job given back for an instant long past is due at once', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await b.claimOne(T);
    await a.settle(T, x, release(0));
    await b.enqueue(T, spec('y'));
    expect(await a.claimIds(T)).toEqual(['x', 'y']);
  });

  it('a job that came back keeps its priority', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('high', { priority: 5 }), spec('normal'));
    const high = await b.claimOne(T);
    await a.settle(T, high, retry(T + 10));
    expect(await b.claimIds(T + 10)).toEqual(['high', 'normal']);
  });

  it('jobs that came back are found after later ones were claimed and completed', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'), spec('z'));
    const x = await b.claimOne(T);
    const y = await a.claimOne(T);
    await b.settle(T, y, complete());
    await a.settle(T, x, retry(T + 1));
    await b.settle(T, await b.claimOne(T), complete());
    expect(await a.claimIds(T + 1)).toEqual(['x']);
  });
}
