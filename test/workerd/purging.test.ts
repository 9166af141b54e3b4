import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { createQueue, defineJobs, job, keys, owner, purge } from 'holdfast';
import { durableObjectStore } from 'holdfast/durable-object';
import { durableObjectQueue, SharedAlarm } from 'holdfast/edge';
import { expect, it } from 'vitest';
import { fillQueue } from '../chromium/filled-queue.ts';
import { withAlarmSlot } from './alarm-slot.ts';

const jobs = defineJobs({ push: job<string>() });

/** The rows of all tables of the store, as texts. */
function rowsIn({ sql }: DurableObjectStorage): string[] {
  const tables = sql
    .exec<{ name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'holdfast_%'`)
    .toArray()
    .filter(({ name }) => name !== 'holdfast_schema');
  return tables.flatMap(({ name }) =>
    sql
      .exec(`SELECT * FROM ${name}`)
      .toArray()
      .map((row) => `${name} ${JSON.stringify(row)}`),
  );
}

it('a purge leaves nothing of its owner in the object, and all of the others', async () => {
  const stub = env.PLAIN.get(env.PLAIN.newUniqueId());
  await runInDurableObject(stub, async (_object, state) => {
    const queues = ['ann', 'bob', undefined].map((who) =>
      createQueue({
        name: 'sync',
        jobs,
        store: durableObjectStore(state),
        use: who === undefined ? [keys()] : [keys(), owner(who)],
      }),
    );
    for (const queue of queues) await fillQueue(queue);
    const before = rowsIn(state.storage);
    const ofAnn = before.filter((row) => row.includes('ann'));
    expect(ofAnn.length).toBeGreaterThan(5);
    await purge(queues[0]!);
    expect(rowsIn(state.storage).sort()).toEqual(before.filter((row) => !ofAnn.includes(row)).sort());
  });
});

it('owners of one object share its alarm, and each is woken for its own jobs', async () => {
  await withAlarmSlot(async (slot) => {
    const state = slot.boot();
    const ran: string[] = [];
    const alarm = new SharedAlarm(state, { now: () => slot.now });
    const [ann, bob] = ['ann', 'bob'].map((who) =>
      durableObjectQueue(state, {
        name: 'sync',
        jobs,
        use: [owner(who)],
        alarm,
        environment: slot.environment,
        handlers: { push: (word) => void ran.push(`${who} ${word}`) },
      }),
    );
    await ann?.enqueue('push', 'a');
    await bob?.enqueue('push', 'b');
    expect([ann?.nextAt(), bob?.nextAt()]).toEqual([slot.now, slot.now]);
    await alarm.run();
    expect(ran.sort()).toEqual(['ann a', 'bob b']);
    expect([ann?.nextAt(), bob?.nextAt()]).toEqual([undefined, undefined]);
  });
});
