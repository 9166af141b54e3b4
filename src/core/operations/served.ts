import { contextOf, type Handle } from '../queue/context.ts';
import type { PublicOperation } from '../queue/queue-operation.ts';
import { checkNone } from './check-ids.ts';

/** Asked of a queue elsewhere, and replied by `expose` itself: nothing of it is a transaction. */
export const askingServed: PublicOperation<object, readonly string[]> = {
  name: 'operations',
  kind: 'reader',
  check: checkNone,
  rule: () =>
    function* () {
      return [];
    },
  spread: async (call, args) => (await call.all(args))[0] ?? [],
};

/** The names of the operations that the host of a queue elsewhere serves; undefined: the queue is here, and all can be called. */
export async function served(queue: Handle): Promise<readonly string[] | undefined> {
  return contextOf(queue).line.far === undefined ? undefined : queue.call(askingServed, {});
}
