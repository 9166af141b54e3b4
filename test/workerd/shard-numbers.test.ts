import { env } from 'cloudflare:workers';
import { count } from 'holdfast';
import { type QueueClientOptions, queueClient } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';
import { inside } from './mailer.ts';
import { jobs } from './worker.ts';

let made = 0;
const freshName = (): string => `numbered ${++made}`;
const HOUR_MS = 3_600_000;

/** A client that writes down which objects it calls, with what kinds. */
function scene(name = freshName()) {
  const calls: string[] = [];
  const stubOf = (of: string) => env.MAILER.get(env.MAILER.idFromName(of));
  const object = (of: string) => ({
    holdfast(call: never): unknown {
      calls.push(`${(call as { kind: string }).kind} ${of.slice(name.length)}`);
      return stubOf(of).holdfast(call);
    },
  });
  const clientOf = (options: Pick<QueueClientOptions<typeof jobs>, 'shards' | 'formerShards'>) =>
    queueClient(env.MAILER, name, { jobs, object, tries: 1, ...options });
  const waiting = async (of: string): Promise<number> => {
    const counts = await inside(stubOf(of), (mailer) => count(mailer.queue));
    return counts.pending;
  };
  return { name, calls, clientOf, stubOf, waiting };
}

const many = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ name: 'send' as const, payload: { n }, delayMs: HOUR_MS }));
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
      const sent = await old.enqueueMany(many(8));
      const unaware = clientOf({ shards: after });
      const id = sent[0]?.id as string;
      for (const ask of [
        () => unaware.enqueueMany(many(8)),
        () => unaware.get(id),
        () => unaware.cancel(id),
        () => unaware.count(),
        () => unaware.claim({ workerId: 'w' }),
      ])
        await expect(ask()).rejects.toMatchObject(refused(after, before));
      expect((await old.count()).pending).toBe(8);
      const shards = after === 1 ? [name] : Array.from({ length: after }, (_, i) => `${name}/${i}`);
      const theirs = new Set(
        before === 1 ? [name] : Array.from({ length: before }, (_, i) => `${name}/${i}`),
      );
      for (const shard of shards) if (!theirs.has(shard)) expect(await waiting(shard)).toBe(0);
      const aware = clientOf({ shards: after, formerShards: before });
      expect(await aware.get(id)).toMatchObject({ id });
      expect((await aware.count()).pending).toBe(8);
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
    await old.enqueueMany(many(8));
    await clientOf({ shards: 4, formerShards: 2 }).enqueue('send', { n: 1 }, { delayMs: HOUR_MS });
    for (let i = 0; i < 8; i++)
      await expect(old.enqueue('send', { n: i }, { id: `job ${i}` })).rejects.toMatchObject(refused(2, 4));
  });

  it('lets a former client settle what it has claimed', async () => {
    const { clientOf } = scene();
    const old = clientOf({ shards: 2 });
    await old.enqueue('letter', { to: 'a' });
    const { jobs: claimed } = await old.claim({ workerId: 'w' });
    expect(claimed).toHaveLength(1);
    await clientOf({ shards: 4, formerShards: 2 }).count();
    await expect(old.claim({ workerId: 'w' })).rejects.toMatchObject(refused(2, 4));
    expect(await old.extend('w', claimed)).toEqual(['extended']);
    const settlements = claimed.map((job) => ({ ...job, outcome: { kind: 'complete' as const } }));
    expect(await old.settle('w', settlements)).toEqual(['settled']);
  });

  it('works beside a former one that was told of the new number, and both find the jobs of both', async () => {
    const { clientOf } = scene();
    await clientOf({ shards: 2 }).enqueueMany(many(4));
    const former = clientOf({ shards: 2, formerShards: 4 });
    const present = clientOf({ shards: 4, formerShards: 2 });
    const ids: string[] = [];
    for (let i = 0; i < 6; i++)
      for (const client of [former, present])
        ids.push((await client.enqueue('send', { n: i }, { delayMs: HOUR_MS })).id);
    for (const client of [former, present]) {
      for (const id of ids) expect(await client.get(id)).toMatchObject({ id });
      expect((await client.count()).pending).toBe(16);
    }
  });

  it('may give up its former number, once nothing is left there', async () => {
    const { clientOf } = scene();
    await clientOf({ shards: 2 }).count();
    await clientOf({ shards: 4, formerShards: 2 }).count();
    expect(await clientOf({ shards: 4 }).count()).toMatchObject({ pending: 0 });
  });
});

describe('a client whose number of objects stays', () => {
  it('calls one object once for a call, and one of many asks the first object once in its life', async () => {
    const one = scene();
    const queue = one.clientOf({});
    await queue.count();
    await queue.count();
    expect(one.calls).toEqual(['count ', 'count ']);

    const two = scene();
    await two.clientOf({ shards: 2 }).count();
    expect(two.calls.filter((call) => call === 'layout ')).toHaveLength(2);
    two.calls.length = 0;
    await two.clientOf({ shards: 2 }).count();
    expect(two.calls.sort()).toEqual(['count /0', 'count /1']);
  });

  it('has it kept in one row, written once, however many jobs come', async () => {
    const { name, clientOf, stubOf } = scene();
    const rows = () =>
      inside(stubOf(name), (_mailer, { storage }) =>
        storage.sql.exec('SELECT queue, client, shards FROM holdfast_shards').toArray(),
      );
    await clientOf({}).enqueueMany(many(3));
    const first = await rows();
    await clientOf({}).enqueueMany(many(30));
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
    const reply = await stubOf(name).holdfast({ kind: 'count', layout });
    expect(reply).toMatchObject({ error: { code: 'InvalidOption' } });
  });
});
