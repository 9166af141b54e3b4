import { memoryBacking, memoryStore } from 'holdfast';
import { describe, expect, it } from 'vitest';
import type { JobRow } from '../../src/core/kernel/job-row.ts';
import { Line } from '../../src/stores/memory/line.ts';
import { spec, specs, T } from '../../src/testing/conformance/spec.ts';
import { storeCalls } from '../../src/testing/store-calls.ts';
import { isReachable } from './reachable.ts';

const HOUR_MS = 3_600_000;

function row(seq: number, due: number): JobRow {
  const counters = { failures: 0, crashes: 0, errors: [], enqueuedAt: T, runAt: T };
  return { id: `${seq}`, name: 'job', version: 1, rank: 0, due, seq, size: 0, payload: null, ...counters };
}

const bottom = { due: 0, seq: 0 };

describe('a line', () => {
  for (const [kind, dueOf] of [
    ['undelayed', () => 0],
    ['timed', (seq: number) => T + seq],
  ] as const)
    it(`of ${kind} rows forgets those that left, when they are the greater part`, () => {
      const line = new Line();
      const rows = Array.from({ length: 10_000 }, (_, seq) => row(seq + 1, dueOf(seq + 1)));
      for (const one of rows) line.put(one);
      for (const one of rows.slice(0, -1)) line.drop(one);
      expect(line.size).toBeLessThan(2_048);
      expect(line.read(bottom, bottom, Number.MAX_SAFE_INTEGER, 10)).toMatchObject([{ seq: 10_000 }]);
    });

  it('keeps its order when it forgets what left', () => {
    const line = new Line();
    const rows = Array.from({ length: 6_000 }, (_, i) => {
      const seq = ((i * 7_919) % 6_000) + 1; // Every number once: 7,919 is a prime that 6,000 is no multiple of.
      return row(seq, T + seq);
    });
    for (const one of rows) line.put(one);
    expect(line.read(bottom, bottom, T + 100, 1_000)).toHaveLength(100);
    for (const one of rows) if (one.seq % 3 !== 0) line.drop(one);
    const left = line.read(bottom, bottom, Number.MAX_SAFE_INTEGER, 6_000).map(({ seq }) => seq);
    expect(left).toEqual(Array.from({ length: 2_000 }, (_, i) => 3 * (i + 1)));
  });

  it('finds a row by its position wherever that lies, and none where one left', () => {
    const line = new Line();
    const rows = Array.from({ length: 30 }, (_, i) => row(i + 1, T + i));
    for (const one of rows) line.put(one);
    // Ten are near the head, and of those five are at or below low water.
    line.read(bottom, bottom, T + 9, 10);
    line.read(rows[4]!, rows[4]!, T + 9, 10);
    const gone = [2, 7, 20].map((i) => rows[i]!);
    expect(gone.map((one) => line.drop(one))).toEqual(gone);
    expect(rows.map((one) => line.find(one))).toEqual(
      rows.map((one) => (gone.includes(one) ? undefined : one)),
    );
    expect(line.drop(gone[0]!)).toBeUndefined();
    expect(new Set(line.rows())).toEqual(new Set(rows.filter((one) => !gone.includes(one))));
  });

  for (const [kind, dueOf] of [
    ['undelayed', () => 0],
    ['timed', (seq: number) => T + seq],
  ] as const)
    it(`of ${kind} rows reads again from where low water has sunk to`, () => {
      const line = new Line();
      const rows = Array.from({ length: 20 }, (_, i) => row(i + 1, dueOf(i + 1)));
      for (const one of rows) line.put(one);
      line.read(rows[14]!, rows[14]!, T + 30, 1);
      const found = line.read(rows[9]!, rows[9]!, T + 30, 30);
      expect(found.map(({ seq }) => seq)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
      expect(rows.map((one) => line.find(one))).toEqual(rows);
    });

  it('keeps the newer row of a position', () => {
    const line = new Line();
    const older = [1, 2, 3].map((seq) => row(seq, T + seq));
    for (const one of older) line.put(one);
    line.read(bottom, older[0]!, T + 2, 10);
    const newer = older.map((one) => ({ ...one, failures: 1 }));
    for (const one of newer) line.put(one);
    expect(line.read(bottom, bottom, T + 9, 10)).toEqual(newer);
  });

  it('takes in what comes back before rows that it has looked at', () => {
    const line = new Line();
    const rows = Array.from({ length: 3_000 }, (_, i) => row(i + 1, T + i));
    for (const one of rows) line.put(one);
    line.read(bottom, bottom, T + 2_999, 3_000);
    for (const one of rows.slice(0, 2_999)) line.drop(one);
    line.put(row(4_000, T + 5));
    line.put(row(5_000, T + 9_000));
    expect(line.read(bottom, bottom, T + 9_000, 10).map(({ seq }) => seq)).toEqual([4_000, 3_000, 5_000]);
  });
});

it('a job that is cancelled long before it is due leaves no payload behind', async () => {
  const backing = memoryBacking();
  const store = storeCalls(memoryStore({ backing }));
  const payload = 'the payload';
  await store.enqueue({ queue: 'q', jobs: [spec('x', { delayMs: HOUR_MS, payload })] }, T);
  expect(isReachable(payload, backing)).toBe(true);
  await store.cancel({ queue: 'q', ids: ['x'] }, T);
  expect(isReachable(payload, backing)).toBe(false);
});

it('a job that is not cancelled keeps its payload', async () => {
  const store = storeCalls(memoryStore());
  await store.enqueue({ queue: 'q', jobs: specs('x', 3, { delayMs: HOUR_MS, payload: 'kept' }) }, T);
  await store.cancel({ queue: 'q', ids: ['x0', 'x2'] }, T);
  expect(await store.get({ queue: 'q', id: 'x1' })).toMatchObject({ payload: 'kept' });
});
