/** What went wrong, in words for somebody who writes notes. */
export function plainWords(error: unknown): string {
  const { code, name, message, cause } = error as Partial<
    Record<'code' | 'name' | 'message' | 'cause', unknown>
  >;
  const quota = [name, (cause as { name?: unknown } | undefined)?.name].includes('QuotaExceededError');
  switch (code) {
    case 'StoreBlocked':
      return 'Another tab of Kelp does not answer. Close it, then try again.';
    case 'StoreOutdated':
      return 'A newer Kelp runs in another tab. Reload this one.';
    case 'StoreUnavailable':
      return 'This browser does not let Kelp store anything: is it a private window, or are cookies blocked?';
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
