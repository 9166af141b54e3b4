import { env } from 'cloudflare:workers';
import { cancel, count, enqueueMany, get, work } from 'holdfast';
import { type QueueClientOptions, queueClient } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';
import { inside } from './mailer.ts';
import { jobs, use } from './worker.ts';

let made = 0;
const freshName = (): string => `numbered ${++made}`;
const HOUR_MS = 3_600_000;

/** A client that writes down which objects it calls, with what kinds. */
function scene(name = freshName()) {
  const calls: string[] = [];
  const stubOf = (of: string) => env.MAILER.get(env.MAILER.idFromName(of));
  const object = (of: string) => ({
    holdfast(call: never): unknown {
      calls.push(`${(call as { call: string }).call} ${of.slice(name.length)}`);
      return stubOf(of).holdfast(call);
    },
  });
  const clientOf = (options: Pick<QueueClientOptions<typeof jobs>, 'shards' | 'formerShards' | 'pollMs'>) =>
    queueClient(env.MAILER, name, { jobs, use, object, tries: 1, ...options });
  const waiting = async (of: string): Promise<number> => {
    const counts = await inside(stubOf(of), (mailer) => count(mailer.queue));
    return counts.pending;
  };
  return { name, calls, clientOf, stubOf, waiting };
}

/** With ids of their own, which lead them to all objects. */
const many = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    name: 'send' as const,
    payload: { n },
    id: `mine ${n}`,
    delayMs: HOUR_MS,
  }));
const refused = (is: number, kept: number) => ({
  code: 'InvalidOption',
  message: expect.stringMatching(
    new RegExp(`^shards is ${is}: expected ${kept}, .*formerShards with ${kept}`),
  ),
});

describe('a client whose number of objects is another than that of the client before', () => {
  it.each([
    [1, 2],
    [2, 4],
    [4, 2],
    [2, 1],
  ])(
    '%i, then %i: is refused with both numbers, and nothing is stored, unless formerShards says so',
    async (before, after) => {
      const { name, clientOf, waiting } = scene();
      const old = clientOf({ shards: before });
      const sent = await enqueueMany(old, many(8));
      const unaware = clientOf({ shards: after });
      const id = sent[0]?.id as string;
      for (const ask of [
        () => enqueueMany(unaware, many(8)),
        () => get(unaware, id),
        () => cancel(unaware, id),
        () => count(unaware),
      ])
        await expect(ask()).rejects.toMatchObject(refused(after, before));
      expect((await count(old)).pending).toBe(8);
      const shards = after === 1 ? [name] : Array.from({ length: after }, (_, i) => `${name}/${i}`);
      const theirs = new Set(
        before === 1 ? [name] : Array.from({ length: before }, (_, i) => `${name}/${i}`),
      );
      for (const shard of shards) if (!theirs.has(shard)) expect(await waiting(shard)).toBe(0);
      const aware = clientOf({ shards: after, formerShards: before });
      expect(await get(aware, id)).toMatchObject({ id });
      expect((await count(aware)).pending).toBe(8);
    },
  );

  it('is noticed in objects that no client has called before', async () => {
    const { name, clientOf, waiting } = scene();
    await clientOf({ shards: 3 }).enqueue('send', { n: 1 }, { id: 'mine', delayMs: HOUR_MS });
    const unaware = clientOf({ shards: 16 });
    for (let i = 0; i < 20; i++)
      await expect(unaware.enqueue('send', { n: i }, { id: `job ${i}` })).rejects.toMatchObject(
        refused(16, 3),
      );
    for (let i = 3; i < 16; i++) expect(await waiting(`${name}/${i}`)).toBe(0);
  });

  it('has the former clients refused as soon as it has called, in every object', async () => {
    const { clientOf } = scene();
    const old = clientOf({ shards: 2 });
    await enqueueMany(old, many(8));
    await clientOf({ shards: 4, formerShards: 2 }).enqueue('send', { n: 1 }, { delayMs: HOUR_MS });
    for (let i = 0; i < 8; i++)
      await expect(old.enqueue('send', { n: i }, { id: `job ${i}` })).rejects.toMatchObject(refused(2, 4));
  });

  it('lets a former client settle what it has claimed', async () => {
    const { clientOf } = scene();
    const old = clientOf({ shards: 2, pollMs: 100 });
    await old.enqueue('letter', { to: 'a' });
    const refusals: unknown[] = [];
    old.on('worker:error', ({ error }) => refusals.push(error));
    let present: ReturnType<typeof clientOf> | undefined;
    const worker = work(old, {
      letter: async () => {
        present = clientOf({ shards: 4, formerShards: 2 });
        expect(await count(present)).toMatchObject({ active: 1 });
      },
    });
    await expect.poll(async () => present && (await count(present)).completed).toBe(1);
    await expect.poll(() => refusals.length).toBeGreaterThan(0);
    expect(refusals[0]).toMatchObject(refused(2, 4));
    await worker.stop();
  });

  it('works beside a former one that was told of the new number, and both find the jobs of both', async () => {
    const { clientOf } = scene();
    await enqueueMany(clientOf({ shards: 2 }), many(4));
    const former = clientOf({ shards: 2, formerShards: 4 });
    const present = clientOf({ shards: 4, formerShards: 2 });
    const ids: string[] = [];
    for (let i = 0; i < 6; i++)
      for (const client of [former, present])
        ids.push((await client.enqueue('send', { n: i }, { delayMs: HOUR_MS })).id);
    for (const client of [former, present]) {
      for (const id of ids) expect(await get(client, id)).toMatchObject({ id });
      expect((await count(client)).pending).toBe(16);
    }
  });

  it('may give up its former number, once nothing is left there', async () => {
    const { clientOf } = scene();
    await count(clientOf({ shards: 2 }));
    await count(clientOf({ shards: 4, formerShards: 2 }));
    expect(await count(clientOf({ shards: 4 }))).toMatchObject({ pending: 0 });
  });
});

describe('a client whose number of objects stays', () => {
  it('calls one object once for a call, and one of many asks the first object once in its life', async () => {
    const one = scene();
    const queue = one.clientOf({});
    await count(queue);
    await count(queue);
    expect(one.calls).toEqual(['count ', 'count ']);

    const two = scene();
    await count(two.clientOf({ shards: 2 }));
    expect(two.calls.filter((call) => call === 'layout ')).toHaveLength(2);
    two.calls.length = 0;
    await count(two.clientOf({ shards: 2 }));
    expect(two.calls.sort()).toEqual(['count /0', 'count /1']);
  });

  it('has it kept in one row, written once, however many jobs come', async () => {
    const { name, clientOf, stubOf } = scene();
    const rows = () =>
      inside(stubOf(name), (_mailer, { storage }) =>
        storage.sql.exec('SELECT queue, client, shards FROM holdfast_shards').toArray(),
      );
    await enqueueMany(clientOf({}), many(3));
    const first = await rows();
    await enqueueMany(clientOf({}), many(30));
    expect(first).toEqual([{ queue: 'mail', client: name, shards: 1 }]);
    expect(await rows()).toEqual(first);
  });

  it.each([
    ['a layout that is a text', 'two'],
    ['no shards', { name: 'n', shards: 0, former: [], place: 'home' }],
    ['too many', { name: 'n', shards: 257, former: [], place: 'home' }],
    ['a former number that is none', { name: 'n', shards: 1, former: ['2'], place: 'home' }],
    ['a place that there is not', { name: 'n', shards: 1, former: [], place: 'here' }],
  ])('is refused when it says %s', async (_what, layout) => {
    const { stubOf, name } = scene();
    const reply = await stubOf(name).holdfast({ v: 1, call: 'count', layout });
    expect(reply).toMatchObject({ error: { code: 'InvalidOption' } });
  });
});
