import { TestRunner } from 'vitest';
import { Random } from '../simulator/random.ts';
import type { Draw } from './harness.ts';

/** Called behind the groups of a suite: those that are not drawn are taken out before their cases are registered. */
export function keepDrawn(draw: Draw): void {
  const groups = TestRunner.getCurrentSuite().tasks;
  groups.splice(0, groups.length, ...drawn(groups, draw));
}

export function drawn<T>(groups: readonly T[], { seed, share }: Draw): T[] {
  const random = new Random(`draw ${seed}`);
  const wanted = Math.max(1, Math.ceil(groups.length * share));
  const kept = [...groups];
  while (kept.length > wanted) kept.splice(random.between(0, kept.length - 1), 1);
  return kept;
}
