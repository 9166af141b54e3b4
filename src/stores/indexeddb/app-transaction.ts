import { InvalidOptionError } from '../../core/errors.ts';
import { native } from './request.ts';
import { holdfastStoreNames, SPARE } from './schema.ts';

/** Where a transaction of the app keeps its last operation: every store that joins it, of any copy of this package, sees it. */
const LAST = Symbol.for('holdfast.last');

/** Several jobs may join one transaction: each reads what the one before it wrote. Starts the first at once. */
export function inTurn<T>(
  transaction: IDBTransaction & { [LAST]?: Promise<unknown> },
  operate: () => Promise<T>,
): Promise<T> {
  const answer = transaction[LAST] === undefined ? operate() : transaction[LAST].then(operate);
  transaction[LAST] = answer.catch(() => undefined);
  return answer;
}

/** Throws InvalidOptionError for what is no open transaction over the stores. */
export function appTransaction(given: unknown): IDBTransaction {
  // Dexie keeps the native transaction in `idbtrans`.
  const inner = typeof given === 'object' && given !== null && 'idbtrans' in given ? given.idbtrans : given;
  const transaction = native(inner as IDBTransaction);
  if (!(transaction instanceof IDBTransaction))
    throw new InvalidOptionError('transaction', given, 'an IDBTransaction (native, of idb or of Dexie)');
  const missing = holdfastStoreNames.filter((name) => !transaction.objectStoreNames.contains(name));
  if (missing.length > 0)
    throw new InvalidOptionError(
      'transaction',
      [...transaction.objectStoreNames].join(', '),
      `one over ${missing.join(', ')} too (holdfastStoreNames)`,
    );
  if (transaction.mode !== 'readwrite')
    throw new InvalidOptionError('transaction.mode', transaction.mode, 'readwrite');
  try {
    transaction.objectStore(SPARE).getKey(0);
  } catch {
    throw new InvalidOptionError('transaction', transaction.mode, 'one that is still open');
  }
  return transaction;
}
