import { readLog } from '../kernel/log.ts';
import type { LogAnswer, LogRequest } from '../kernel/messages.ts';
import { checkCount, checkKnown } from '../queue/options.ts';
import { type Caller, callable, type PublicOperation } from '../queue/queue-operation.ts';
import { checkPage } from './list.ts';

export interface LogOptions {
  /** Only transitions with greater numbers. Default 0: from the oldest that is kept. */
  readonly after?: number;
  /** Default 100, 1…1,000. */
  readonly limit?: number;
}

export const logging: PublicOperation<LogOptions, LogAnswer> = {
  name: 'log',
  kind: 'reader',
  check(given) {
    const { after = 0, limit } = checkKnown('log options', given as LogOptions, ['after', 'limit']);
    return { after: checkCount('after', after, 0), limit: checkPage(limit) };
  },
  rule: (options) => (rows) => readLog(rows, options as LogRequest),
};

/**
 * The last transitions of jobs, oldest first, from all contexts whose store was made with `logSize`. Empty where none was.
 *
 * @example
 * for (const { id, to, at } of await log(queue, { limit: 20 })) console.log(new Date(at), id, to);
 *
 * @throws InvalidOptionError; StoreError, StoreClosedError
 */
export const log = /* @__PURE__ */ callable(
  [logging],
  async (queue: Caller, options: LogOptions = {}): Promise<LogAnswer> => queue.call(logging, options),
);
