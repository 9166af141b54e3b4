import type { Backoff } from '../kernel/job.ts';
import { checkBackoff, checkKnown } from '../queue/options.ts';

/** No delay is longer than this unless `maxMs` says so: five minutes. */
const DEFAULT_MAX_MS = 300_000;

type Options<Keys extends keyof Backoff> = Pick<Backoff, Keys | 'maxMs' | 'jitter'>;

/** initialMs, × factor (default 2), × factor again…, at most maxMs (default 300,000). No jitter unless asked for. */
export function exponential(options: Options<'initialMs' | 'factor'>): Backoff {
  const given = checkKnown('exponential', options, ['initialMs', 'factor', 'maxMs', 'jitter']);
  return checkBackoff('exponential', { kind: 'exponential', factor: 2, maxMs: DEFAULT_MAX_MS, ...given });
}

/** initialMs, + stepMs (default initialMs), + stepMs again…, at most maxMs (default 300,000). */
export function linear(options: Options<'initialMs' | 'stepMs'>): Backoff {
  return checkBackoff('linear', {
    kind: 'linear',
    maxMs: DEFAULT_MAX_MS,
    ...checkKnown('linear', options, ['initialMs', 'stepMs', 'maxMs', 'jitter']),
  });
}

/** The same delay each time. */
export function fixed(options: { readonly delayMs: number; readonly jitter?: 'none' | 'full' }): Backoff {
  const { delayMs, ...rest } = checkKnown('fixed', options, ['delayMs', 'jitter']);
  return checkBackoff('fixed', { kind: 'fixed', initialMs: delayMs, ...rest });
}

/** Without a backoff of its own a job waits 1 s, 2 s, 4 s … 5 min, spread by full jitter so that jobs that failed together do not return together. */
export const defaultBackoff: Backoff = {
  kind: 'exponential',
  initialMs: 1_000,
  factor: 2,
  maxMs: DEFAULT_MAX_MS,
  jitter: 'full',
};
