import {
  count,
  defineJobs,
  enqueueFlow,
  enqueueMany,
  every,
  type Feature,
  flows,
  job,
  list,
  putSchedule,
  schedules,
} from 'holdfast';
import { type DurableObjectQueue, durableObjectQueue } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';
import { type AlarmSlot, withAlarmSlot } from './alarm-slot.ts';

const HOUR_MS = 3_600_000;
const jobs = defineJobs({ send: job<number>(), added: job<number>() });

/** An instance of an object with a queue, and what its handlers were called with. */
async function boot(slot: AlarmSlot, definitions = jobs, use: readonly Feature[] = []) {
  const queue: DurableObjectQueue<typeof jobs> = durableObjectQueue(slot.boot(), {
    name: 'mail',
    jobs: definitions,
    use,
    environment: slot.environment,
  });
  const ran: number[] = [];
  const handler = (n: number) => void ran.push(n);
  await slot.settle();
  return { queue, ran, handler };
}

describe('the alarm of an object that begins anew', () => {
  it('is armed for the earliest of what waits, when it was lost', () =>
    withAlarmSlot(async (slot) => {
      const { queue } = await boot(slot);
      await queue.enqueue('send', 1, { delayMs: 2 * HOUR_MS });
      await queue.enqueue('send', 2, { delayMs: HOUR_MS });
      slot.at = null;
      await boot(slot);
      expect(slot.at).toBe(slot.now + HOUR_MS);
    }));

  it('is not set again when it is armed, nor when it is about to be run', () =>
    withAlarmSlot(async (slot) => {
      const { queue } = await boot(slot);
      await queue.enqueue('send', 1, { delayMs: HOUR_MS });
      await boot(slot);
      slot.now += HOUR_MS + 10;
      await boot(slot);
      expect(slot.sets).toEqual([slot.now - 10]);
    }));

  it('is not armed when nothing waits', () =>
    withAlarmSlot(async (slot) => {
      await boot(slot);
      const { queue, handler } = await boot(slot);
      await queue.enqueue('send', 1);
      slot.fire();
      await queue.onAlarm({ send: handler });
      await boot(slot);
      expect(slot.at).toBeNull();
    }));

  it('wakes what the code before had no handler for, once: if nobody handles it still, it is quiet', () =>
    withAlarmSlot(async (slot) => {
      const before = await boot(slot);
      await before.queue.enqueue('added', 1);
      slot.fire();
      await before.queue.onAlarm({ send: before.handler });
      expect(slot.at).toBeNull();
      const same = await boot(slot);
      expect(slot.at).toBe(slot.now);
      slot.fire();
      await same.queue.onAlarm({ send: same.handler });
      expect(slot.at).toBeNull();
      const deployed = await boot(slot);
      slot.fire();
      await deployed.queue.onAlarm({ send: deployed.handler, added: deployed.handler });
      expect(deployed.ran).toEqual([1]);
      expect(slot.at).toBeNull();
    }));

  it('is not armed for names that the code does not define, nor for newer payloads', () =>
    withAlarmSlot(async (slot) => {
      const newer = { ...jobs, send: job<number>({ version: 2 }), gone: job<number>() };
      const { queue } = await boot(slot, newer);
      await queue.enqueue('send', 1);
      await queue.enqueue('gone' as 'send', 2);
      slot.at = null;
      await boot(slot);
      expect(slot.at).toBeNull();
    }));

  it('goes off once more for ticks and ends that need a feature which the code no longer has, and then never', () =>
    withAlarmSlot(async (slot) => {
      const before = await boot(slot, jobs, [schedules(), flows()]);
      await putSchedule(before.queue, 'often', { recurrence: every(60_000), name: 'send', payload: 1 });
      await enqueueFlow(before.queue, {
        first: { name: 'send', payload: 2 },
        second: { name: 'send', payload: 3, dependsOn: ['first'] },
      });
      const { queue, ran, handler } = await boot(slot);
      slot.fire();
      await queue.onAlarm({ send: handler });
      expect(ran).toEqual([2]);
      expect(await count(queue)).toMatchObject({ completed: 1, pending: 1 });
      expect(slot.at).toBeNull();
      slot.now += HOUR_MS;
      await boot(slot);
      expect(slot.at).toBeNull();
    }));
});

describe('a handler that is deaf to its signal and outlives its alarm', () => {
  it('is not joined by a second one, and is waited for by alarms that come later and later', () =>
    withAlarmSlot(async (slot) => {
      const { queue } = await boot(slot);
      await queue.enqueue('send', 1);
      let starts = 0;
      let end = (): void => undefined;
      const deaf = async () => {
        starts += 1;
        if (starts === 1) await new Promise<void>((resolve) => (end = resolve));
      };
      const fire = async () => {
        slot.fire();
        await queue.onAlarm({ send: deaf }, undefined, { budgetMs: 20 });
        return (slot.at ?? 0) - slot.now;
      };
      await fire();
      const pauses: number[] = [];
      for (let alarm = 0; alarm < 8; alarm++) pauses.push(await fire());
      expect(starts).toBe(1);
      expect(pauses).toEqual([1, 1, 2, 4, 8, 16, 30, 30].map((seconds) => seconds * 1_000));
      end();
      await slot.settle();
      await fire();
      expect(starts).toBe(2);
      expect(slot.at).toBeNull();
      expect(await count(queue)).toMatchObject({ completed: 1, pending: 0, active: 0 });
    }));
});

describe('an alarm whose time is over', () => {
  it('gives back what is not done, and the next goes on with it', () =>
    withAlarmSlot(async (slot) => {
      const { queue, ran, handler } = await boot(slot);
      await enqueueMany(
        queue,
        [1, 2].map((payload) => ({ name: 'send' as const, payload })),
      );
      slot.fire();
      const slow = (_: number, { signal }: { readonly signal: AbortSignal }) =>
        new Promise<void>((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      const how = { concurrency: 1, budgetMs: 20 };
      expect(await queue.onAlarm({ send: slow }, undefined, how)).toMatchObject({ completed: 0, retried: 0 });
      const { jobs: left } = await list(queue, { state: 'pending' });
      expect(left.map(({ attempt, crashes }) => [attempt, crashes])).toEqual([
        [1, 0],
        [1, 0],
      ]);
      expect(slot.at).toBe(slot.now);
      slot.fire();
      await queue.onAlarm({ send: handler });
      expect(ran).toEqual([1, 2]);
    }));

  it('has run sixteen handlers at a time unless something else was said', () =>
    withAlarmSlot(async (slot) => {
      const { queue } = await boot(slot);
      await enqueueMany(
        queue,
        Array.from({ length: 20 }, (_, payload) => ({ name: 'send', payload })),
      );
      slot.fire();
      let starts = 0;
      const deaf = () => {
        starts += 1;
        return new Promise<never>(() => undefined);
      };
      await queue.onAlarm({ send: deaf }, undefined, { budgetMs: 20 });
      expect(starts).toBe(16);
    }));
});
