import { describe, expect, it } from 'vitest';
import type { Scene } from './scene.ts';
import { bury, complete, release, retry, spec, T } from './spec.ts';

const facts = () => ({ headers: { traceparent: '00-1f', empty: '', '\u{1f600}': 'ü' }, tags: ['eu', 'b c'] });
const key = { idempotencyKey: 'note 1' } as const;

export function describeFacts(scene: Scene): void {
  describe('headers and tags', () => {
    describeKept(scene);
    describeReplaced(scene);
  });
}

function describeKept(scene: Scene): void {
  it('are read and claimed as they were given', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', facts()), spec('parked', { ...facts(), lane: 'doc' }));
    await a.enqueue(T, spec('y', { lane: 'doc', ...facts() }));
    expect(await b.job('y')).toMatchObject({ parked: true, ...facts() });
    const claimed = await b.claim(T);
    expect(claimed.map(({ job }) => [job.headers, job.tags])).toEqual([
      [facts().headers, facts().tags],
      [facts().headers, facts().tags],
    ]);
    expect(await a.job('x')).toMatchObject({ state: 'active', ...facts() });
  });

  it('are there also beside a payload that is undefined, one by one', async () => {
    const { a, b } = scene;
    for (const fact of ['headers', 'tags'] as const) {
      const only = { [fact]: facts()[fact] };
      await a.enqueue(T, spec(fact, { payload: undefined, ...only }));
      expect(await b.job(fact)).toMatchObject(only);
      expect((await b.claimOne(T)).job).toMatchObject(only);
    }
  });

  it('stay with the job through retry, release, death and redrive', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', facts()));
    await a.settle(T, await a.claimOne(T), retry(T + 10));
    await b.settle(T + 10, await b.claimOne(T + 10), release(T + 20));
    expect(await a.job('x')).toMatchObject(facts());
    await a.settle(T + 20, await a.claimOne(T + 20), bury());
    expect(await b.job('x')).toMatchObject({ state: 'dead', ...facts() });
    await b.redrive(T + 30, 'x');
    expect((await a.claimOne(T + 30)).job).toMatchObject(facts());
  });

  it('come with a job that a completion brings', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await a.settle(T, await a.claimOne(T), complete(spec('y', facts())));
    expect(await b.job('y')).toMatchObject(facts());
  });

  it('are absent where none were given', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const { job } = await b.claimOne(T);
    expect('headers' in job || 'tags' in job).toBe(false);
  });

  it('alias nothing, neither going in nor coming out', async () => {
    const { a, b } = scene;
    const given = facts();
    await a.enqueue(T, spec('x', given));
    given.headers.empty = 'spoiled';
    given.tags.push('spoiled');
    const read = (await a.job('x')) as unknown as ReturnType<typeof facts>;
    expect(read).toMatchObject(facts());
    try {
      read.headers.empty = 'spoiled';
      read.tags.push('spoiled');
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError); // Reading may answer frozen copies.
    }
    expect(await b.job('x')).toMatchObject(facts());
    expect((await b.claimOne(T)).job).toMatchObject(facts());
  });
}

function describeReplaced(scene: Scene): void {
  it.each(['replace', 'debounce'] as const)('are the newcomer’s after %s', async (onDuplicate) => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...key, ...facts() }));
    const tags = ['new'];
    expect(await b.enqueue(T, spec('y', { ...key, onDuplicate, tags }))).toMatchObject([{ id: 'x' }]);
    const job = await a.job('x');
    expect(job.tags).toEqual(tags);
    expect('headers' in job).toBe(false);
  });

  it('stay the holder’s when the newcomer is a duplicate', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...key, ...facts() }));
    await b.enqueue(T, spec('y', { ...key, tags: ['new'] }));
    expect(await a.job('x')).toMatchObject(facts());
  });
}
