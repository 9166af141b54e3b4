import { count, defineJobs, enqueueMany, fixed, job } from 'holdfast';
import { durableObjectQueue } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';
import { type AlarmSlot, withAlarmSlot } from './alarm-slot.ts';

/** Of Cloudflare's SQLite, for a row; the local runtime takes more. */
const MAX_ROW_BYTES = 2_000_000;
/** The greatest text that is taken: see the store's codec, whose first character is not the text's. */
const MOST = 'x'.repeat(1_850_000 - 3);
const TOO_MUCH = `${MOST}x`;
const LONG = 'k'.repeat(513);

const jobs = defineJobs({
  text: job<string>({ maxAttempts: 6, backoff: fixed({ delayMs: 1_000 }) }),
  chain: job<string>({ maxAttempts: 1 }),
});

function scene(slot: AlarmSlot) {
  const cost = { read: 0, written: 0 };
  const queue = durableObjectQueue(slot.boot(), {
    name: 'bounded',
    jobs,
    environment: slot.environment,
    onStep: (kind, rows) => (cost[kind] += rows),
  });
  return { queue, cost };
}

const TABLES = ['holdfast_jobs', 'holdfast_parked', 'holdfast_finals'] as const;

/** Bytes of each row that a job has. */
function rowBytes({ sql }: AlarmSlot): number[] {
  return TABLES.flatMap((table) =>
    sql
      .exec<Record<string, string | null>>(`SELECT * FROM ${table}`)
      .toArray()
      .map((row) =>
        Object.values(row).reduce((sum, text) => sum + new TextEncoder().encode(text ?? '').length, 0),
      ),
  );
}

describe('what is too large for a row of a Durable Object', () => {
  it('is refused as a payload before anything is written, alone and in a batch', () =>
    withAlarmSlot(async (slot) => {
      const { queue, cost } = scene(slot);
      const refused = expect.objectContaining({ code: 'Payload' });
      await expect(queue.enqueue('text', TOO_MUCH)).rejects.toEqual(refused);
      await expect(
        enqueueMany(queue, [
          { name: 'text', payload: 'small' },
          { name: 'text', payload: TOO_MUCH },
        ]),
      ).rejects.toEqual(refused);
      expect(cost.written).toBe(0);
      expect(rowBytes(slot)).toEqual([]);
      expect(slot.sets).toEqual([]);
    }));

  it('is refused in bytes of UTF-8, not in characters', () =>
    withAlarmSlot(async (slot) => {
      const { queue } = scene(slot);
      const refused = expect.objectContaining({ code: 'Payload' });
      await expect(queue.enqueue('text', '漢'.repeat(700_000))).rejects.toEqual(refused);
      await expect(queue.enqueue('text', '漢'.repeat(600_000))).resolves.toMatchObject({
        status: 'enqueued',
      });
    }));

  it('is refused as what a handler enqueues, with all that belongs to it: its own job is dead, not done', () =>
    withAlarmSlot(async (slot) => {
      const { queue } = scene(slot);
      await queue.enqueue('chain', 'start');
      slot.fire();
      await queue.onAlarm({
        chain: (_text, context) => {
          context.enqueue('text', 'small');
          context.enqueue('text', TOO_MUCH);
        },
      });
      expect(await count(queue)).toMatchObject({ pending: 0, active: 0, completed: 0, dead: 1 });
      expect(slot.at).toBeNull();
    }));

  it('is never reached by the greatest payload with the longest names and errors', () =>
    withAlarmSlot(async (slot) => {
      const { queue } = scene(slot);
      const longest = '"'.repeat(512);
      await queue.enqueue('text', MOST, { id: longest, lane: longest, idempotencyKey: longest });
      const sizes: number[] = [];
      while (slot.at !== null) {
        slot.fire();
        await queue.onAlarm({
          text: () => {
            throw Object.assign(new Error('\u0001'.repeat(3_000_000)), { name: '\u0001'.repeat(1_000) });
          },
        });
        sizes.push(...rowBytes(slot));
      }
      expect(await count(queue)).toMatchObject({ dead: 1 });
      expect(sizes).toHaveLength(6);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_ROW_BYTES);
      expect(Math.max(...sizes)).toBeGreaterThan(MAX_ROW_BYTES - 100_000);
    }));

  it.each(['id', 'lane', 'idempotencyKey'])('is refused as %s', (option) =>
    withAlarmSlot(async (slot) => {
      const { queue, cost } = scene(slot);
      await expect(queue.enqueue('text', 'small', { [option]: LONG })).rejects.toMatchObject({
        code: 'InvalidOption',
        message: expect.stringContaining(option),
      });
      expect(cost.written).toBe(0);
      expect(slot.sets).toEqual([]);
    }),
  );
});
