/** What went wrong, in words for somebody who writes notes. */
export function plainWords(error: unknown): string {
  const { code, name, message, cause } = error as Partial<
    Record<'code' | 'name' | 'message' | 'cause', unknown>
  >;
  const quota = [name, (cause as { name?: unknown } | undefined)?.name].includes('QuotaExceededError');
  switch (code) {
    case 'StoreBlocked':
      return 'Another tab holds an older version of Kelp open. Close it, then reload this one.';
    case 'QueueFull':
      return 'Too many changes wait to be sent. Go online first; this one is not saved yet.';
    case 'StoreClosed':
      return 'The database was closed. Reload this tab.';
  }
  if (quota) return 'This device has no room left: the note is not saved yet.';
  if (name === 'InvalidStateError')
    return 'The database was closed, perhaps by a newer Kelp in another tab. Reload this one.';
  return `That did not work: ${typeof message === 'string' && message !== '' ? message : String(error)}`;
}
