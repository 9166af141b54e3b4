import { describe, expect, it } from 'vitest';
import type { ScheduleSpec } from '../../core/features/schedules/messages.ts';
import type { Scene } from './scene.ts';
import { CRON, EVERY, fire, list, pause, put, SECOND, tick, trigger, watch } from './schedule-scene.ts';
import { complete, T } from './spec.ts';

export function describeSchedules(scene: Scene): void {
  describe('schedules', () => {
    it('a schedule is there for every opening, with its next tick, and listed by its id', async () => {
      const { a, b } = scene;
      expect(await put(a, T, 's', { missed: { all: 3 }, overlap: false })).toEqual({
        changed: true,
        dropped: [],
      });
      await put(b, T, 'r', { rule: CRON, nextAt: T + 77 });
      expect(await list(b)).toEqual([
        {
          id: 'r',
          rule: CRON,
          missed: 'once',
          overlap: true,
          name: 'job',
          version: 1,
          payload: { of: 'r' },
          nextAt: T + 77,
        },
        {
          id: 's',
          rule: { ...EVERY, anchor: T },
          missed: { all: 3 },
          overlap: false,
          name: 'job',
          version: 1,
          payload: { of: 's' },
          nextAt: T + SECOND,
        },
      ]);
    });

    it('put again it goes on: its next tick moves with its rule and with nothing else', async () => {
      const { a, b } = scene;
      await put(a, T, 's');
      await put(b, T + 400, 's', { job: { payload: 'other' }, missed: 'skip' });
      const anchor = T;
      expect(await list(a)).toMatchObject([
        { rule: { ...EVERY, anchor }, payload: 'other', missed: 'skip', nextAt: T + SECOND },
      ]);
      await put(a, T + 400, 's', { rule: { kind: 'every', ms: 5 * SECOND } });
      expect(await list(b)).toMatchObject([{ nextAt: T + 5_400 }]);
      await put(b, T + 500, 's', { rule: { kind: 'every', ms: 5 * SECOND, anchor: T } });
      expect(await list(b)).toMatchObject([{ nextAt: T + 5_000 }]);
      await put(b, T + 500, 's', { rule: CRON, nextAt: T + 9_000 });
      await put(b, T + 600, 's', { rule: CRON, nextAt: T + 8_000 });
      expect(await list(a)).toMatchObject([{ nextAt: T + 9_000 }]);
      await put(b, T + 600, 's', { rule: { ...CRON, timeZone: 'Asia/Tokyo' }, nextAt: T + 8_000 });
      expect(await list(a)).toMatchObject([{ nextAt: T + 8_000 }]);
    });

    it('that is removed is gone, its jobs stay, and it can be put anew', async () => {
      const { a, b } = scene;
      const { store, queue } = b;
      await put(a, T, 's');
      await fire(a, T + SECOND, tick(T + SECOND));
      expect(await store.removeSchedule({ queue, id: 's' }, T + SECOND)).toBe(true);
      expect(await store.removeSchedule({ queue, id: 's' }, T + SECOND)).toBe(false);
      expect(await list(a)).toEqual([]);
      expect(await fire(a, T + 2_000, tick(T + 2_000))).toEqual([{ status: 'stale', jobs: [] }]);
      expect(await a.look(T + 1_000, watch('other'))).not.toHaveProperty('nextAt');
      expect(await a.listIds('pending')).toEqual([`s@${T + SECOND}`]);
      await put(a, T + 3_000, 's');
      expect(await list(a)).toMatchObject([{ nextAt: T + 4_000 }]);
    });

    it('whose rule is changed say which ticks were due and are dropped; those that were fired, and those to come, are not', async () => {
      const { a, b } = scene;
      const rule = { kind: 'every', ms: 5 * SECOND } as const;
      const anchored = { kind: 'every', ms: SECOND, anchor: T } as const;
      await put(a, T, 's');
      await fire(a, T + SECOND, tick(T + SECOND));
      expect(await put(b, T + 2 * SECOND - 1, 's', { rule })).toEqual({ changed: true, dropped: [] });
      await put(a, T + 3 * SECOND, 't');
      expect(await put(a, T + 9 * SECOND, 't', { missed: 'skip' })).toEqual({ changed: true, dropped: [] });
      expect(await put(b, T + 9 * SECOND, 't', { rule })).toEqual({
        changed: true,
        dropped: [{ id: 't', rule: { ...anchored, anchor: T + 3 * SECOND }, at: T + 4 * SECOND }],
      });
      expect(await put(b, T + 9 * SECOND, 't', { rule })).toMatchObject({ dropped: [] });
      await put(a, T, 'c', { rule: CRON, nextAt: T + SECOND });
      const monthly = { ...CRON, pattern: '0 9 1 * *' };
      expect(await put(a, T + SECOND, 'c', { rule: monthly, nextAt: T + 5 * SECOND })).toMatchObject({
        dropped: [{ id: 'c', rule: CRON, at: T + SECOND }],
      });
      expect(await fire(a, T + SECOND, { id: 'c', seenAt: T + SECOND, ticks: [T + SECOND] })).toEqual([
        { status: 'stale', jobs: [] },
      ]);
    });

    it('that is paused is fired by nobody and wakes nobody, also when it is put again, until it is resumed', async () => {
      const { a, b } = scene;
      await put(a, T, 's');
      expect(await pause(b, T, 's')).toBe(true);
      expect(await pause(b, T, 's')).toBe(true);
      await put(a, T, 's', { job: { payload: 'other' } });
      expect(await list(a)).toMatchObject([{ paused: true, nextAt: T + SECOND }]);
      expect(await fire(a, T + SECOND, tick(T + SECOND))).toEqual([{ status: 'stale', jobs: [] }]);
      expect(await a.look(T + SECOND, watch('job'))).not.toHaveProperty('asked');
      expect(await pause(a, T + SECOND, 's', false)).toBe(true);
      expect(await list(b)).not.toMatchObject([{ paused: true }]);
      expect(await a.look(T + SECOND, watch('job'))).toMatchObject({ asked: { schedules: T + SECOND } });
      expect(await fire(b, T + SECOND, tick(T + SECOND))).toMatchObject([{ status: 'fired' }]);
      expect(await pause(a, T, 'none')).toBe(false);
      expect(await pause(a.inQueue('none'), T, 's')).toBe(false);
    });

    it('that is triggered brings one job, however often that call is repeated, and its next tick stays', async () => {
      const { a, b } = scene;
      await put(a, T, 's', { job: { priority: 7 } });
      await pause(a, T, 's');
      const answer = { status: 'enqueued', id: 's@run' } as const;
      expect(await trigger(b, T + 10, 's', 'run')).toEqual(answer);
      expect(await trigger(a, T + 20, 's', 'run')).toEqual({ ...answer, status: 'duplicate' });
      expect(await a.job('s@run')).toMatchObject({
        payload: { of: 's' },
        priority: 7,
        runAt: T + 10,
        tick: { schedule: 's', at: T + 10 },
      });
      expect(await list(b)).toMatchObject([{ nextAt: T + SECOND, lastId: 's@run' }]);
      expect(await a.count()).toMatchObject({ pending: 1 });
      expect(await trigger(a, T, 'none', 'run')).toEqual({ status: 'unknown' });
      expect(await trigger(a.inQueue('none'), T, 's', 'run')).toEqual({ status: 'unknown' });
    });

    it('that may not overlap is not triggered while its last job is live', async () => {
      const { a, b } = scene;
      await put(a, T, 's', { overlap: false });
      await trigger(a, T, 's', 'first');
      expect(await trigger(b, T, 's', 'second')).toEqual({ status: 'overlap' });
      await b.settle(T, await a.claimOne(T), complete());
      expect(await trigger(b, T, 's', 'second')).toMatchObject({ status: 'enqueued' });
    });

    it('of another queue are others', async () => {
      const { a, b } = scene;
      await put(a, T, 's');
      expect(await list(b.inQueue('other'))).toEqual([]);
      await put(b.inQueue('other'), T, 's', { missed: 'skip' });
      expect(await list(a)).toMatchObject([{ id: 's', missed: 'once' }]);
    });

    it('are at most 1,000 in a queue: the one that is too many is refused, and nothing of its call stored', async () => {
      const { a } = scene;
      const { store, queue } = a;
      const job = { name: 'job', version: 1, priority: 0, payload: null };
      const schedules = Array.from({ length: 1_001 }, (_, i) => ({
        ...{ id: `s${i}`, rule: EVERY, missed: 'once', overlap: true, job },
      })) as ScheduleSpec[];
      await expect(store.putSchedules({ queue, schedules }, T)).rejects.toMatchObject({
        code: 'InvalidOption',
      });
      expect(await list(a)).toEqual([]);
      await store.putSchedules({ queue, schedules: schedules.slice(0, 1_000) }, T);
      await expect(put(a, T, 'more')).rejects.toMatchObject({ code: 'InvalidOption' });
      await put(a, T, 's7', { missed: 'skip' });
      expect(await list(a)).toHaveLength(1_000);
    });

    it('keep payloads of every kind, and share none with who put or read them', async () => {
      const { a, b } = scene;
      const payload = { at: new Date(T), ids: new Set([1n]) };
      await put(a, T, 's', { job: { payload } });
      payload.ids.clear();
      for (const first of await list(b)) (first.payload as typeof payload).ids.clear();
      await fire(b, T + SECOND, tick(T + SECOND));
      const { job } = await a.claimOne(T + SECOND);
      expect(job.payload).toEqual({ at: new Date(T), ids: new Set([1n]) });
    });
  });
}
