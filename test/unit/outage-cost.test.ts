import { DatabaseSync } from 'node:sqlite';
import { count, createQueue, enqueueMany, job, UnreachableError, work } from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { expect, it } from 'vitest';
import { sqliteStore } from './sqlite-store.ts';
import { fromClone } from './sqlite-tables.ts';

/** What a queue's rows say, as texts, while its jobs run and when they have. */
async function live(fails: (n: number) => boolean) {
  const database = new DatabaseSync(':memory:');
  const environment = fakeEnvironment();
  const store = sqliteStore(database);
  const queue = createQueue({ name: 'sync', jobs: { send: job<number>() }, store, environment });
  await enqueueMany(
    queue,
    Array.from({ length: 20 }, (_, n) => ({ name: 'send', payload: n })),
  );
  const rows = () => {
    const entries = database.prepare('SELECT part, k, value FROM holdfast_rows').all();
    const texts = entries.map(({ part, k, value }) =>
      part === 'queue' ? JSON.stringify(fromClone(value)) : String(k),
    );
    return texts.join('\n');
  };
  const seen: string[] = [rows()];
  let attempts = 0;
  const worker = work(queue, {
    send: () => {
      seen.push(rows());
      if (fails(attempts++)) throw new UnreachableError('nobody answered');
    },
  });
  await environment.advance(60_000);
  seen.push(rows());
  await worker.stop();
  expect(await count(queue)).toMatchObject({ completed: 20 });
  return seen;
}

it.each([
  ['while it runs', () => false, 0],
  ['once an outage is over', (n: number) => n < 5, -1],
])('a life without trouble stores nothing for outages: %s', async (_, fails, from) => {
  const seen = (await live(fails)).slice(from);
  for (const text of seen) {
    expect(text).not.toContain('target');
    expect(text).not.toContain('\u0003');
  }
});
