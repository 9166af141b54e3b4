import type { Feature } from '../../queue/feature.ts';
import { checkCount, checkKnown } from '../../queue/options.ts';
import { orderOf } from '../order.ts';
import { append } from './entries.ts';
import { transitionsOf } from './transitions.ts';

export interface LogOptions {
  /** So many transitions are kept, and up to 100 more. Minimum 1. */
  readonly size: number;
}

/**
 * Keeps the last transitions of the queue's jobs for `readLog`: those in contexts with this feature. Each transaction with transitions writes one row
 * more, and the queue's row.
 *
 * @example
 * const queue = createQueue({ name: 'sync', jobs, store, use: [log({ size: 1_000 })] });
 * for (const { id, to } of await readLog(queue)) console.log(id, to);
 *
 * @throws InvalidOptionError at once
 */
export function log(options: LogOptions): Feature {
  const size = checkCount('size', checkKnown('log options', options, ['size']).size);
  return {
    name: 'log',
    order: orderOf('log'),
    *ran(rows, ran, now) {
      yield* append(rows, transitionsOf(ran), size, now);
    },
  };
}
