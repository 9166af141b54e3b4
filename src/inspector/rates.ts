import type { Sample } from './shown.ts';

const MINUTE_MS = 60_000;

/** Jobs that were completed a minute, by whatever context, over the last minute that was looked at. Undefined: not looked for long enough. */
export function donePerMinute(samples: readonly Sample[]): number | undefined {
  const last = samples.at(-1);
  const first = samples.find(({ at }) => last !== undefined && last.at - at <= MINUTE_MS);
  if (last === undefined || first === undefined || last.at - first.at < 4_000) return undefined;
  return Math.max(0, Math.round(((last.completed - first.completed) * MINUTE_MS) / (last.at - first.at)));
}

/** What was completed from one look to the next. */
export const doneSteps = (samples: readonly Sample[]): readonly number[] =>
  samples.slice(1).map(({ completed }, i) => Math.max(0, completed - (samples[i]?.completed ?? completed)));
