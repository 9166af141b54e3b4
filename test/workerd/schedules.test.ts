import { count, defineJobs, every, hold, job, putSchedule, removeSchedule, schedules } from 'holdfast';
import { cron } from 'holdfast/cron';
import { type DurableObjectQueueOptions, durableObjectQueue } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';
import { type AlarmSlot, withAlarmSlot } from './alarm-slot.ts';

const MINUTE = 60_000;
const jobs = defineJobs({ report: job<null>(), mail: job<null>() });
const report = { name: 'report', payload: null } as const;
const minutely = { recurrence: every(MINUTE), ...report };

type Options = Partial<DurableObjectQueueOptions<typeof jobs>>;

/** A new instance of the object, with its queue. */
async function boot(slot: AlarmSlot, options: Options = {}) {
  const { environment } = slot;
  const queue = durableObjectQueue(slot.boot(), {
    name: 'q',
    jobs,
    environment,
    use: [schedules()],
    ...options,
  });
  await slot.settle();
  return queue;
}

describe('a schedule in a Durable Object', () => {
  it('arms the alarm for its next tick, runs its job there, and arms it for the one after', () =>
    withAlarmSlot(async (slot) => {
      const start = slot.now;
      const queue = await boot(slot, { use: [schedules({ minutely })] });
      expect(slot.at).toBe(start + MINUTE);
      const ticks: (number | undefined)[] = [];
      for (let i = 1; i <= 3; i++) {
        slot.fire();
        expect(
          await queue.onAlarm({ report: (_, { job: { tick } }) => void ticks.push(tick?.at) }),
        ).toMatchObject({
          completed: 1,
        });
        expect(slot.at).toBe(start + (i + 1) * MINUTE);
      }
      expect(ticks).toEqual([start + MINUTE, start + 2 * MINUTE, start + 3 * MINUTE]);
      expect(slot.sets).toHaveLength(4);
    }));

  it('outlives its object: a new instance has it, its tick and its alarm', () =>
    withAlarmSlot(async (slot) => {
      const start = slot.now;
      const first = await boot(slot);
      await putSchedule(first, 'minutely', minutely);
      await slot.settle();
      expect(slot.at).toBe(start + MINUTE);
      slot.now += 30_000;
      slot.at = null;
      const again = await boot(slot, { use: [schedules({ minutely })] });
      expect(slot.at).toBe(start + MINUTE);
      slot.fire();
      expect(await again.onAlarm({ report: () => {} })).toMatchObject({ completed: 1 });
    }));

  it('that is removed leaves no alarm behind', () =>
    withAlarmSlot(async (slot) => {
      const queue = await boot(slot, { use: [schedules({ minutely })] });
      await removeSchedule(queue, 'minutely');
      slot.fire();
      expect(await queue.onAlarm({ report: () => {} })).toMatchObject({ completed: 0 });
      expect(slot.at).toBeNull();
    }));

  it('by a cron pattern arms no alarm in code that cannot compute it, and its ticks are not lost to code that can', () =>
    withAlarmSlot(async (slot) => {
      const nine = { ...report, recurrence: cron('0 9 * * *', { timeZone: 'Europe/Berlin' }) };
      await boot(slot, { use: [schedules({ nine })] });
      const at = slot.at as number;
      expect(new Date(at).toISOString()).toMatch(/T07:00:00/);
      slot.at = null;
      const without = await boot(slot);
      expect(slot.at).toBeNull();
      slot.now = at + MINUTE;
      expect(await without.onAlarm({ report: () => {} })).toMatchObject({ completed: 0 });
      expect(slot.at).toBeNull();
      const again = await boot(slot, { use: [schedules({}, { cron })] });
      expect(slot.at).toBe(slot.now);
      slot.fire();
      expect(await again.onAlarm({ report: () => {} })).toMatchObject({ completed: 1 });
      expect(slot.at).toBe(at + 24 * 60 * MINUTE);
    }));

  it('arms no alarm in code that does not use schedules, and its ticks are not lost to code that does', () =>
    withAlarmSlot(async (slot) => {
      const start = slot.now;
      await boot(slot, { use: [schedules({ minutely })] });
      expect(slot.at).toBe(start + MINUTE);
      slot.at = null;
      const without = await boot(slot, { use: [] });
      expect(slot.at).toBeNull();
      slot.now = start + 2 * MINUTE;
      await without.enqueue('mail', null);
      expect(slot.at).toBe(slot.now);
      slot.fire();
      expect(await without.onAlarm({ mail: () => {}, report: () => {} })).toMatchObject({ completed: 1 });
      expect(slot.at).toBeNull();
      const again = await boot(slot);
      expect(slot.at).toBe(slot.now);
      slot.fire();
      expect(await again.onAlarm({ report: () => {} })).toMatchObject({ completed: 1 });
      expect(slot.at).toBe(start + 3 * MINUTE);
    }));

  it('of a name that nobody handles arms no alarm, once that is known', () =>
    withAlarmSlot(async (slot) => {
      const queue = await boot(slot, { use: [schedules({ minutely })] });
      slot.fire();
      await queue.onAlarm({ mail: () => {} });
      expect(slot.at).toBeNull();
    }));

  it('whose ticks bring nothing is woken for each of them, and is not taken for a queue that does nothing', () =>
    withAlarmSlot(async (slot) => {
      const start = slot.now;
      const queue = await boot(slot, { use: [schedules({ minutely: { ...minutely, overlap: false } })] });
      slot.fire();
      await queue.onAlarm({ mail: () => {}, report: () => {} }, undefined, { budgetMs: 1_000 });
      await hold(queue, 'report', slot.now + 60 * MINUTE);
      for (let i = 2; i <= 8; i++) {
        slot.fire();
        await queue.onAlarm({ report: () => {} });
        expect(slot.at).toBe(start + (i + 1) * MINUTE);
      }
      expect(await count(queue)).toMatchObject({ pending: 1, completed: 1 });
    }));

  it('costs a queue without any nothing', () =>
    withAlarmSlot(async (slot) => {
      const steps = { read: 0, written: 0 };
      await boot(slot, { onStep: (kind, rows) => (steps[kind] += rows) });
      expect(steps.written).toBe(0);
      expect(slot.at).toBeNull();
    }));

  it('that is declared again, unchanged, is written no more', () =>
    withAlarmSlot(async (slot) => {
      await boot(slot, { use: [schedules({ minutely })] });
      const steps = { read: 0, written: 0 };
      await boot(slot, { use: [schedules({ minutely })], onStep: (kind, rows) => (steps[kind] += rows) });
      expect(steps.written).toBe(0);
    }));
});
