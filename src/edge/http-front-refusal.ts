import { serializeError } from '../core/index.ts';
import { Problem } from './http-front-problem.ts';

/** Room comes when jobs have run: asking more often only adds to the load. */
const FULL_S = '30';
const STORE_S = '5';

/** What an outsider is told of what a queue threw; undefined: nothing, as it is neither the caller's doing nor will it pass. */
export function refusalOf(thrown: unknown): Problem | undefined {
  // By code, not by class: the queue may be of another copy of the package.
  const { code, message, issues, retryable } = serializeError(thrown);
  const told = {
    ...(code === undefined ? {} : { code }),
    ...(retryable === undefined ? {} : { retryable }),
  };
  if (code === 'Payload')
    return new Problem(422, { ...told, detail: message, ...(issues?.length ? { issues } : {}) });
  if (code === 'QueueFull')
    return new Problem(503, { ...told, detail: 'the queue is full', headers: { 'retry-after': FULL_S } });
  if (code?.startsWith('Store') && retryable === true)
    return new Problem(503, {
      ...told,
      detail: 'the queue cannot be reached',
      headers: { 'retry-after': STORE_S },
    });
  return undefined;
}
