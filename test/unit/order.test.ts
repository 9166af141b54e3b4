import { describe, expect, test } from 'vitest';
import {
  claimKey,
  laneKey,
  placeOfClaimKey,
  placeOfLaneKey,
  positionKey,
} from '../../src/core/kernel/order.ts';

/** Neighbours where the number of digits changes, and the ends. */
const NUMBERS = [0, 1, 9, 10, 35, 36, 1_295, 1_296, 1_763_800_000_000, 8.64e15, Number.MAX_SAFE_INTEGER];

describe('keys', () => {
  test('sort by due, then by seq, however long the numbers are', () => {
    const places = NUMBERS.flatMap((due) => NUMBERS.map((seq) => ({ due, seq })));
    const keys = places.map(positionKey);
    expect(keys.toSorted()).toEqual(keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test.each(NUMBERS)('tell their place again: %d', (number) => {
    const place = { name: 'push@home', version: 2, rank: -3, due: number, seq: number };
    expect(placeOfClaimKey(claimKey(place))).toEqual(place);
    for (const more of [{ target: 'a' }, { needs: ['a'] }, { target: 'a', needs: ['a', 'b'] }])
      expect(placeOfClaimKey(claimKey({ ...place, ...more }))).toEqual({ ...place, ...more });
    expect(placeOfLaneKey(laneKey('lane a', number))).toMatchObject({ lane: 'lane a', seq: number });
  });

  test.each(['', 'push', 'push@1\u00012s', 'push@1\u00012s0', 'push@1\u00012s1012x', 'push@1\u00012s0210'])(
    'that no place has tell none: %j',
    (key) => {
      expect(placeOfClaimKey(key)).toBeUndefined();
    },
  );
});
