import { defineJobs, drain, explain, type Gate, gates, job, pulling } from 'holdfast';
import { type DurableObjectQueueOptions, durableObjectQueue, queueClient, serveQueue } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';
import { type AlarmSlot, withAlarmSlot } from './alarm-slot.ts';

const DAY_MS = 86_400_000;

/** A gate that is set by hand. */
function gateOf(open: { now: boolean }): Gate {
  return { isOpen: () => open.now, subscribe: () => () => undefined };
}

/** An instance of an object whose class handles `send` and `gated`, and not `unhandled`; with why a job of each waits. */
async function boot(
  slot: AlarmSlot,
  {
    open = { now: false },
    ...options
  }: { open?: { now: boolean } } & Pick<DurableObjectQueueOptions<Jobs>, 'handlers'> = {},
) {
  const jobs = makeJobs();
  const use = [gates({ gated: gateOf(open) })];
  const environment = slot.environment;
  const queue = durableObjectQueue(slot.boot(), { name: 'mail', jobs, use, environment, ...options });
  const stub = { holdfast: serveQueue(queue, { explain, ...pulling }) };
  const client = queueClient({} as never, 'mail', { jobs, environment, object: () => stub });
  const whyOf = async (from: typeof client) =>
    Object.fromEntries(
      await Promise.all(
        NAMES.map(async (name) => [name, (await explain(from, name))?.waits.map(({ why }) => why)] as const),
      ),
    );
  await slot.settle();
  return {
    queue,
    client,
    async enqueue(delayMs: number) {
      for (const name of NAMES) await queue.enqueue(name, null, { id: name, delayMs });
      await slot.settle();
    },
    /** Early: nothing is due. */
    async alarm() {
      await queue.onAlarm(handlers);
    },
    /** Asked in the object, and by a client of it: both say the same. */
    async why() {
      const here = await whyOf(queue);
      expect(await whyOf(client)).toEqual(here);
      return here;
    },
  };
}

const NAMES = ['send', 'gated', 'unhandled'] as const;
const makeJobs = () => defineJobs({ send: job<null>(), gated: job<null>(), unhandled: job<null>() });
type Jobs = ReturnType<typeof makeJobs>;
const handlers = { send: () => undefined, gated: () => undefined };

describe('explain in a Durable Object', () => {
  it('says no-worker only of names that its alarm does not handle, and names a closed gate', () =>
    withAlarmSlot(async (slot) => {
      const open = { now: false };
      const { enqueue, alarm, why } = await boot(slot, { open });
      await alarm();
      await enqueue(DAY_MS);
      expect(await why()).toEqual({
        send: ['not-due'],
        gated: ['not-due', 'gate'],
        unhandled: ['not-due', 'no-worker'],
      });
      open.now = true;
      expect((await why()).gated).toEqual(['not-due']);
    }));

  it('knows the handlers that it was made with from its first instant on', () =>
    withAlarmSlot(async (slot) => {
      const { enqueue } = await boot(slot);
      await enqueue(DAY_MS);
      const { why } = await boot(slot, { handlers });
      expect(await why()).toEqual({
        send: ['not-due'],
        gated: ['not-due', 'gate'],
        unhandled: ['not-due', 'no-worker'],
      });
    }));

  it('made without them, takes all defined names for handled until its first alarm, as that is what it arms', () =>
    withAlarmSlot(async (slot) => {
      const { enqueue } = await boot(slot);
      await enqueue(DAY_MS);
      const { why, alarm } = await boot(slot);
      expect(await why()).toEqual({ send: ['not-due'], gated: ['not-due', 'gate'], unhandled: ['not-due'] });
      await alarm();
      expect((await why()).unhandled).toEqual(['not-due', 'no-worker']);
    }));

  it('knows of a worker elsewhere that runs what no alarm handles', () =>
    withAlarmSlot(async (slot) => {
      const { enqueue, alarm, why, client } = await boot(slot);
      await alarm();
      await enqueue(DAY_MS);
      expect((await why()).unhandled).toEqual(['not-due', 'no-worker']);
      await drain(client, { unhandled: () => undefined });
      expect((await why()).unhandled).toEqual(['not-due']);
    }));
});
