import { env } from 'cloudflare:workers';
import { count } from 'holdfast';
import { queueClient } from 'holdfast/edge';
import { expect, it } from 'vitest';
import { inside, type Mailbox } from './mailer.ts';
import { jobs, use } from './worker.ts';

/** As a deploy does in the middle of a call: answers what the caller then gets. */
function reset(mailer: Mailbox): Promise<unknown> {
  return inside(mailer, async (_instance, state) => {
    state.abort('reset in the middle of a call');
    await new Promise(() => undefined);
  });
}

it('a call is repeated whose object was reset before it answered, and stores its job once', async () => {
  let calls = 0;
  const mailerOf = (name: string) => env.MAILER.get(env.MAILER.idFromName(name));
  const object = (name: string) => ({
    async holdfast(call: unknown) {
      calls += 1;
      const reply: unknown = await mailerOf(name).holdfast(call);
      return calls === 1 ? reset(mailerOf(name)) : reply;
    },
  });
  const queue = queueClient(env.MAILER, 'reset', { jobs, use, object });
  expect(await queue.enqueue('send', { n: 1 }, { delayMs: 3_600_000 })).toMatchObject({ status: 'enqueued' });
  expect(calls).toBe(2);
  expect(await count(queue)).toMatchObject({ pending: 1 });
});
