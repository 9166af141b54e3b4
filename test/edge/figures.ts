import type { TankState } from './messages.ts';

/** Nothing waits and nothing runs. */
export const isQuiet = ({ counts }: TankState): boolean => counts.pending === 0 && counts.active === 0;

/** One line a run. */
export function tellFigures(what: string, figures: Readonly<Record<string, number>>): void {
  const words = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  console.log(`${what}: ${words.join(', ')}`);
}
