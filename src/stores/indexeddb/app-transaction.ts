import { InvalidOptionError } from '../../core/kernel/errors.ts';
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

const EXPECTED = 'an IDBTransaction (native, of idb or of Dexie)';

/** Throws InvalidOptionError for what is no open transaction over the stores. It may be of another realm: a frame's, say. */
export function appTransaction(given: unknown): IDBTransaction {
  const wrapped = transactionOf(given);
  if (wrapped === undefined) throw new InvalidOptionError('transaction', nameOf(given), EXPECTED);
  const transaction = native(wrapped);
  const missing = holdfastStoreNames.filter((name) => !transaction.objectStoreNames.contains(name));
  if (missing.length > 0)
    throw new InvalidOptionError(
      'transaction',
      [...transaction.objectStoreNames].join(', '),
      `one over ${missing.join(', ')} too (holdfastStoreNames)`,
    );
  if (transaction.mode !== 'readwrite')
    throw new InvalidOptionError('transaction.mode', transaction.mode, 'readwrite');
  if (!('onsuccess' in firstRequest(transaction)))
    throw new InvalidOptionError(
      'transaction',
      nameOf(given),
      `${EXPECTED} whose requests are the browser's`,
    );
  return transaction;
}

function firstRequest(transaction: IDBTransaction): object {
  try {
    return transaction.objectStore(SPARE).getKey(0);
  } catch {
    throw new InvalidOptionError('transaction', transaction.mode, 'one that is still open');
  }
}

/** Told by what it does, as the class of another realm is another. Undefined: it is none. */
function transactionOf(given: unknown): IDBTransaction | undefined {
  try {
    // Dexie keeps the native transaction in `idbtrans`.
    const { idbtrans = given } = given as { readonly idbtrans?: unknown };
    const { objectStore, abort, addEventListener, objectStoreNames } = idbtrans as IDBTransaction;
    const methods = [objectStore, abort, addEventListener, objectStoreNames.contains];
    return methods.every((method) => typeof method === 'function') ? (idbtrans as IDBTransaction) : undefined;
  } catch {
    return undefined; // It is null, or the prototype of all of them.
  }
}

/** What it calls itself: else a database and a promise of a transaction look alike. */
function nameOf(given: unknown): unknown {
  try {
    return Object(given) === given ? Object.prototype.toString.call(given).slice(8, -1) : given;
  } catch {
    return given;
  }
}
