import { DamagedQueueError } from './damage.ts';
import { mendQueue } from './mend.ts';
import type { Rows } from './rows.ts';
import type { Transact } from './store.ts';

/** For stores whose rows can be damaged: what finds a queue so mends it, and is then done. See `mendQueue`. */
export function mending(transact: Transact): Transact {
  return async (transaction) => {
    try {
      return await transact(transaction);
    } catch (error) {
      if (!(error instanceof DamagedQueueError)) throw error;
      const { queue, features } = transaction;
      const run = (rows: Rows) => {
        rows.features = features;
        return mendQueue(rows);
      };
      await transact({ queue, name: 'mend', kind: 'drainer', features, run });
      return await transact(transaction);
    }
  };
}
