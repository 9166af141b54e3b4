import { describe, expect, test } from 'vitest';
import type { Lease } from '../../src/core/kernel/claims-row.ts';
import { newControl } from '../../src/core/kernel/control.ts';
import type { Control } from '../../src/core/kernel/control-row.ts';
import type { Place } from '../../src/core/kernel/place.ts';
import { neighbours } from '../../src/stores/indexeddb/neighbours.ts';

const place = (seq: number, more: Partial<Place> = {}): Place => ({
  id: `job ${seq}`,
  name: 'push',
  version: 1,
  rank: 0,
  due: 0,
  seq,
  ...more,
});
const held = (...places: readonly Place[]) => [{ workerId: 'w', leases: places as unknown as Lease[] }];
const lowAt = (seq: number, due = 0): Control => ({
  ...newControl(0),
  streams: [{ name: 'push', version: 1, rank: 0, timed: due !== 0, waiting: 1, low: { due, seq } }],
});
const seqs = (runs: readonly (readonly Place[])[]) => runs.map((run) => run.map(({ seq }) => seq));

describe('ended leases', () => {
  test('are one run when nothing else is claimed and nothing waits', () => {
    expect(
      seqs(
        neighbours(
          [3, 1, 5].map((seq) => place(seq)),
          newControl(0),
          [],
        ),
      ),
    ).toEqual([[1, 3, 5]]);
  });

  test('are parted by what is still claimed in between', () => {
    const claims = held(place(2), place(9));
    expect(
      seqs(
        neighbours(
          [1, 3, 5].map((seq) => place(seq)),
          newControl(0),
          claims,
        ),
      ),
    ).toEqual([[1], [3, 5]]);
  });

  test('above low water are alone, as jobs may wait between them', () => {
    expect(
      seqs(
        neighbours(
          [1, 2, 4, 5].map((seq) => place(seq)),
          lowAt(2),
          [],
        ),
      ),
    ).toEqual([[1, 2], [4], [5]]);
  });

  test('of another stream are no neighbours, and part none', () => {
    const delayed = [place(2, { due: 7 }), place(1, { due: 8 })];
    const urgent = held(place(2, { rank: -10 }));
    expect(seqs(neighbours([place(1), ...delayed, place(3)], lowAt(1, 8), urgent))).toEqual([
      [1, 3],
      [2, 1],
    ]);
  });
});
