import { meanings } from '../core/kernel/id-memory.ts';
import { checkIds } from '../core/operations/check-ids.ts';
import { checkKnown } from '../core/queue/options.ts';
import type { PublicOperation } from '../core/queue/queue-operation.ts';

interface Ids {
  readonly ids: readonly string[];
}

/** Asks which jobs ids of the caller's own mean. */
export const recalling: PublicOperation<Ids, readonly (string | undefined)[]> = {
  name: 'known',
  kind: 'reader',
  check: (given) => ({ ids: checkIds(checkKnown('arguments', given as Ids, ['ids']).ids) }),
  rule: ({ ids }) => meanings(ids),
};
