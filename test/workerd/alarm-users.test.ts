import { defineJobs, job, prepare } from 'holdfast';
import { durableObjectQueue, SharedAlarm } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';
import { type AlarmSlot, withAlarmSlot } from './alarm-slot.ts';

const jobs = defineJobs({ send: job<number>() });

/** An instance of an object with two queues on one alarm. */
function twoQueues(slot: AlarmSlot, told: unknown[] = []) {
  const state = slot.boot();
  const ran: string[] = [];
  const alarm = new SharedAlarm(state, { now: () => slot.now, onError: (user) => told.push(user) });
  const [first, second] = (['first', 'second'] as const).map((name) =>
    durableObjectQueue(state, {
      name,
      jobs,
      alarm,
      environment: slot.environment,
      handlers: { send: (n) => void ran.push(`${name} ${n}`) },
    }),
  ) as [
    ReturnType<typeof durableObjectQueue<typeof jobs>>,
    ReturnType<typeof durableObjectQueue<typeof jobs>>,
  ];
  return { state, alarm, first, second, ran };
}

/** As schedulers do that keep their instants in a table of the object. */
function reminders(slot: AlarmSlot, alarm: SharedAlarm, rung: string[]) {
  slot.sql.exec('CREATE TABLE IF NOT EXISTS reminders (at INTEGER, what TEXT)');
  alarm.join('reminders', {
    nextAt: () =>
      slot.sql.exec<{ at: number | null }>('SELECT min(at) AS at FROM reminders').one().at ?? undefined,
    wake: () => {
      const due = slot.sql.exec<{ what: string }>(
        'DELETE FROM reminders WHERE at <= ? RETURNING what',
        slot.now,
      );
      for (const { what } of due.toArray()) {
        if (what === 'throw') throw new Error('a reminder throws');
        rung.push(what);
      }
    },
  });
  return {
    remind(at: number, what: string) {
      slot.sql.exec('INSERT INTO reminders VALUES (?, ?)', at, what);
      alarm.wish(at);
    },
  };
}

describe('several users of the alarm of one object', () => {
  it('are two queues: the earliest instant is armed, and only whose instant has come runs', () =>
    withAlarmSlot(async (slot) => {
      const { alarm, first, second, ran } = twoQueues(slot);
      await first.enqueue('send', 1, { delayMs: 9_000 });
      await second.enqueue('send', 2, { delayMs: 4_000 });
      await first.enqueue('send', 3, { delayMs: 6_000 });
      const start = slot.now;
      const instants: number[] = [];
      while (slot.at !== null) {
        instants.push(slot.at - start);
        slot.fire();
        await alarm.run();
      }
      expect(ran).toEqual(['second 2', 'first 3', 'first 1']);
      expect(instants).toEqual([4_000, 6_000, 9_000]);
      expect(slot.sets.map((at) => at - start)).toEqual([9_000, 4_000, 6_000, 9_000]);
    }));

  it('do not overrule each other when what is armed is in doubt', () =>
    withAlarmSlot(async (slot) => {
      const { state, first, second } = twoQueues(slot);
      await first.enqueue('send', 1, { delayMs: 5_000 });
      const prepared = await prepare(second, 'send', 2, { delayMs: 1_000 });
      expect(() =>
        state.storage.transactionSync(() => {
          prepared.addTo(state.storage);
          throw new Error('rolled back');
        }),
      ).toThrow('rolled back');
      // As the platform does, whose alarm is part of the transaction.
      slot.at = slot.now + 5_000;
      await second.enqueue('send', 3, { delayMs: 8_000 });
      await slot.settle();
      expect(slot.at).toBe(slot.now + 5_000);
    }));

  it('are a queue and a scheduler with a table of its own, also when the object begins anew', () =>
    withAlarmSlot(async (slot) => {
      const rung: string[] = [];
      const before = twoQueues(slot);
      const { remind } = reminders(slot, before.alarm, rung);
      remind(slot.now + 3_000, 'early');
      remind(slot.now + 7_000, 'late');
      await before.first.enqueue('send', 1, { delayMs: 5_000 });
      slot.at = null;
      const after = twoQueues(slot);
      reminders(slot, after.alarm, rung);
      await slot.settle();
      const seen: string[] = [];
      while (slot.at !== null) {
        slot.fire();
        await after.alarm.run();
        seen.push([...rung, ...after.ran].join());
      }
      expect(seen).toEqual(['early', 'early,first 1', 'early,late,first 1']);
    }));

  it('are a queue and a scheduler that throws: its job is done all the same', () =>
    withAlarmSlot(async (slot) => {
      const told: unknown[] = [];
      const { alarm, first, ran } = twoQueues(slot, told);
      const { remind } = reminders(slot, alarm, []);
      remind(slot.now, 'throw');
      await first.enqueue('send', 1);
      slot.fire();
      await alarm.run();
      expect(ran).toEqual(['first 1']);
      expect(told).toEqual(['reminders']);
      expect(slot.at).toBeNull();
    }));

  it('are one whose own instant cannot be told: the others are armed', () =>
    withAlarmSlot(async (slot) => {
      const told: unknown[] = [];
      const { alarm, first } = twoQueues(slot, told);
      let broken = false;
      alarm.join('broken', {
        nextAt: () => {
          if (broken) throw new Error('no answer');
          return undefined;
        },
        wake: () => undefined,
      });
      await first.enqueue('send', 1, { delayMs: 1_000 });
      broken = true;
      slot.at = null;
      await alarm.run();
      expect(slot.at).toBe(slot.now + 1_000);
      expect(new Set(told)).toEqual(new Set(['broken']));
    }));
});
