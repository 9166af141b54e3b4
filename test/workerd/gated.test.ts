import { defineJobs, type Gate, gates, job } from 'holdfast';
import { durableObjectQueue } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';
import { type AlarmSlot, withAlarmSlot } from './alarm-slot.ts';

const POLL_MS = 300_000;

/** An instance of an object with a queue whose only name has a gate, and what its handler was called with. */
async function boot(slot: AlarmSlot, open = { now: false }, later = false) {
  const listeners = new Set<() => void>();
  const gate: Gate = {
    isOpen: () => (later ? Promise.resolve(open.now) : open.now),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const jobs = defineJobs({ send: job<number>() });
  const use = [gates({ send: gate })];
  const queue = durableObjectQueue(slot.boot(), { name: 'mail', jobs, use, environment: slot.environment });
  await slot.settle();
  const ran: number[] = [];
  const alarm = async () => {
    slot.fire();
    await queue.onAlarm({ send: (n: number) => void ran.push(n) });
  };
  const set = async (isOpen: boolean) => {
    open.now = isOpen;
    for (const listener of listeners) listener();
    await slot.settle();
  };
  return { queue, ran, alarm, set, open };
}

describe('a closed gate in a Durable Object', () => {
  it('arms an alarm five minutes ahead for what waits behind it, as it may open when nobody is there to hear it', () =>
    withAlarmSlot(async (slot) => {
      const { queue, ran, alarm, open } = await boot(slot);
      await queue.enqueue('send', 1);
      await slot.settle();
      expect(slot.at).toBe(slot.now + POLL_MS);
      await alarm();
      expect(ran).toEqual([]);
      expect(slot.at).toBe(slot.now + POLL_MS);
      open.now = true;
      await alarm();
      expect(ran).toEqual([1]);
      expect(slot.at).toBeNull();
    }));

  it('that says it has opened arms the alarm for now', () =>
    withAlarmSlot(async (slot) => {
      const { queue, ran, alarm, set } = await boot(slot);
      await queue.enqueue('send', 1);
      await set(true);
      expect(slot.at).toBe(slot.now);
      await alarm();
      expect(ran).toEqual([1]);
    }));

  it('that answers later is closed until then, and arms the alarm for now when it has said that it is open', () =>
    withAlarmSlot(async (slot) => {
      const { queue, ran, alarm, set } = await boot(slot, { now: false }, true);
      await queue.enqueue('send', 1);
      await slot.settle();
      expect(slot.at).toBe(slot.now + POLL_MS);
      await set(true);
      expect(slot.at).toBe(slot.now);
      await alarm();
      expect(ran).toEqual([1]);
    }));

  it('arms no alarm when nothing waits behind it', () =>
    withAlarmSlot(async (slot) => {
      await boot(slot);
      await boot(slot);
      expect(slot.at).toBeNull();
    }));
});
