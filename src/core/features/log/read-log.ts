import { InvalidOptionError } from '../../kernel/errors.ts';
import { checkPage } from '../../operations/list.ts';
import { checkCount, checkKnown } from '../../queue/options.ts';
import { type Caller, callable, type PublicOperation } from '../../queue/queue-operation.ts';
import { entriesAfter } from './entries.ts';
import type { LogAnswer, LogRequest } from './messages.ts';

export interface ReadLogOptions {
  /** Only transitions with greater numbers. Default 0: from the oldest that is kept. */
  readonly after?: number;
  /** Default 100, 1…1,000. */
  readonly limit?: number;
}

export const loggedEntries: PublicOperation<ReadLogOptions, LogAnswer> = {
  name: 'log',
  kind: 'reader',
  check(given) {
    const { after = 0, limit } = checkKnown('log options', given as ReadLogOptions, ['after', 'limit']);
    return { after: checkCount('after', after, 0), limit: checkPage(limit) };
  },
  rule: (options) => (rows) => entriesAfter(rows, options as LogRequest),
  /** Each object numbers its own: only the beginning can be read as one. */
  async spread(call, args) {
    const { after = 0, limit } = args;
    if (after > 0)
      throw new InvalidOptionError('after', after, '0: each object of the queue has numbers of its own');
    const all = await call.all(args);
    return all
      .flat()
      .sort((a, b) => a.at - b.at)
      .slice(0, limit);
  },
};

/**
 * Returns the last transitions of jobs, oldest first, from all contexts that use `log`. Empty where none does.
 *
 * @example
 * for (const { id, to, at } of await readLog(queue, { limit: 20 })) console.log(new Date(at), id, to);
 *
 * @throws InvalidOptionError; StoreError, StoreClosedError
 */
export const readLog = /* @__PURE__ */ callable(
  [loggedEntries],
  async (queue: Caller, options: ReadLogOptions = {}): Promise<LogAnswer> =>
    queue.call(loggedEntries, options),
);
