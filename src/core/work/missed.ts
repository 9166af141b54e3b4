import type { ExchangeAnswer } from '../kernel/messages.ts';
import type { Attempt } from './attempt.ts';

/** Of a queue in several places some may not have been reached: what ended there has to be told again (`kept`), the rest has arrived. */
export function arrivals(all: readonly Attempt[], { missed, settled }: ExchangeAnswer) {
  if (missed === undefined) return { ended: all, settled, kept: [] };
  const isHere = (_: unknown, i: number) => !missed.includes(i);
  return {
    ended: all.filter(isHere),
    settled: settled.filter(isHere),
    kept: all.filter((_, i) => missed.includes(i)),
  };
}
