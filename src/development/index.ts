/** What builds for development have more than others: the condition `development` puts it in the place of `core/queue/in-development.ts`. */
import type { Queue } from '../core/index.ts';
import type { Development } from '../core/queue/in-development.ts';
import { checkEvents } from './check-events.ts';
import { ConsoleLogger } from './console-logger.ts';
import { didYouMean } from './did-you-mean.ts';

export const development: Development = {
  didYouMean,
  loggerFor(queue, given) {
    checkEvents(queue as Queue);
    return given ?? new ConsoleLogger(queue as Queue);
  },
};
