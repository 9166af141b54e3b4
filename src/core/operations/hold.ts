import { hold as holdJobs } from '../kernel/steer.ts';
import { type Definitions, definitionOf } from '../queue/definitions.ts';
import { checkInstant, checkKnown, checkText } from '../queue/options.ts';
import type { Queue } from '../queue/queue.ts';
import { callable, type PublicOperation } from '../queue/queue-operation.ts';

interface HoldRequest {
  readonly name: string;
  readonly until: number;
}

export const holding: PublicOperation<HoldRequest, void> = {
  name: 'hold',
  kind: 'drainer',
  check(given) {
    const { name, until } = checkKnown('arguments', given as HoldRequest, ['name', 'until']);
    return { name: checkText('name', name), until: checkInstant('until', until) };
  },
  rule: (request) => (rows, now) => holdJobs(rows, request, now),
  hint: () => 'cancel',
  instants: { args: ['until'] },
};

/**
 * Starts no job of this name before `until`, in any context. A later instant replaces an earlier one.
 *
 * @example
 * await hold(queue, 'mail.send', Date.now() + 60_000);
 *
 * @param until a Date or epoch ms
 * @throws UnknownJobError, InvalidOptionError; StoreError, StoreClosedError
 */
export const hold = /* @__PURE__ */ callable(
  [holding],
  async <Jobs extends Definitions>(
    queue: Queue<Jobs>,
    name: keyof Jobs & string,
    until: Date | number,
  ): Promise<void> => {
    definitionOf(queue.jobs, name);
    return queue.call(holding, { name, until: until as number });
  },
);
