import { HoldfastError, StoreError } from '../../core/kernel/errors.ts';
import { isNamed } from './request.ts';

/** Ends a transaction in which something failed. It knows best why: a request of an aborted one only says AbortError. */
export async function whyAborted(
  transaction: IDBTransaction,
  done: Promise<void>,
  error: unknown,
): Promise<unknown> {
  try {
    transaction.abort();
  } catch {
    // It ended already.
  }
  const reason = await done.catch((cause: unknown) => cause);
  return isNamed(error, 'AbortError') && reason !== undefined ? reason : error;
}

export const isQuota = (error: unknown): boolean => isNamed(error, 'QuotaExceededError');

export function asStoreError(error: unknown): unknown {
  if (error instanceof HoldfastError) return error;
  if (isQuota(error))
    return new StoreError('the disk is full: nothing new can be stored until space is freed', {
      retryable: false,
      cause: error,
    });
  const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new StoreError(`the database failed: ${why}`, { retryable: true, cause: error });
}
