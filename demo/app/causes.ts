import type { ShownJob } from './queue-snapshot.ts';

/** By the status that the server answered. */
const STATUSES: Readonly<Record<string, string>> = {
  401: 'You are signed out',
  403: 'You may not change this note on the server',
  404: 'The server has no place for this note',
  413: 'The note is too long for the server',
  422: 'The server will not take this note as it is',
  429: 'The server is busy',
  500: 'The server had trouble of its own',
  503: 'The server is down',
};

/** By the name of the error. */
const NAMES: Readonly<Record<string, string>> = {
  UnreachableError: 'The server could not be reached',
  JobTimeoutError: 'The server took too long',
  DeadLetterError: 'The server refused this note',
  ServerError: 'The server had trouble of its own',
};

/** Why a note did not get to the server at its last try, in words for somebody who writes notes. */
export function causeOf({ name, message }: NonNullable<ShownJob['lastError']>): string {
  const status = /^the server answered (\d{3})$/.exec(message)?.[1] ?? '';
  const words = STATUSES[status] ?? NAMES[name];
  if (words === undefined) return `Something went wrong here: ${message}`;
  return status === '' ? `${words}.` : `${words} (${status}).`;
}

/** What may help a note that is given up. */
export function adviceFor({ lastError, crashes }: ShownJob): string {
  if (lastError?.name === 'DeadLetterError')
    return 'Nothing is tried again by itself: change the note, retry, or discard.';
  if (lastError === undefined && crashes > 0)
    return 'Kelp was closed or crashed each time it sent this. Retry, or discard.';
  return 'Kelp has stopped trying. Retry, or discard.';
}
