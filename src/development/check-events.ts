import { type EventName, InvalidOptionError, type Queue } from '../core/index.ts';
import { didYouMean } from './did-you-mean.ts';

/** All there are: a forgotten one does not compile. */
const EVENTS: Readonly<Record<EventName, true>> = {
  'job:enqueued': true,
  'job:duplicate': true,
  'job:dropped': true,
  'job:started': true,
  'job:progress': true,
  'job:log': true,
  'job:completed': true,
  'job:retried': true,
  'job:released': true,
  'job:dead': true,
  'job:cancelled': true,
  'job:stale': true,
  'job:stuck': true,
  'lease:lost': true,
  'target:closed': true,
  'target:opened': true,
  'schedule:fired': true,
  'schedule:skipped': true,
  'queue:paused': true,
  'queue:resumed': true,
  'queue:idle': true,
  'store:blocked': true,
  'store:outdated': true,
  'store:lost': true,
  'store:low': true,
  'worker:error': true,
};

/** From now on `queue.on` throws InvalidOptionError for an event that there is not: its listener would never be called. */
export function checkEvents(queue: Queue): void {
  const on = queue.on.bind(queue);
  queue.on = (name, listener) => {
    if (!Object.hasOwn(EVENTS, name)) throw unknownEvent(name);
    return on(name, listener);
  };
}

function unknownEvent(name: unknown): InvalidOptionError {
  const known = Object.keys(EVENTS);
  return new InvalidOptionError(
    'event',
    name,
    `one of ${known.join(', ')}${didYouMean(String(name), known)}`,
  );
}
