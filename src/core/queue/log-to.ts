import { InvalidOptionError } from '../kernel/errors.ts';
import type { EventName } from './emitter.ts';
import type { Logger } from './logger.ts';
import { hasMethods } from './options.ts';

const ERRORS = /dead|:error|:lost|outdated/;
const WARNINGS = /retried|closed|blocked/;

/** For the emitter: writes the events that say that something went wrong, by their names. Throws InvalidOptionError. */
export function logTo(logger: Logger): (name: EventName, event: object) => void {
  if (!hasMethods(logger, 'warn', 'error'))
    throw new InvalidOptionError('logger', logger, 'console, or one that has its warn and error');
  return (name, event) => {
    if (ERRORS.test(name)) logger.error(name, event);
    else if (WARNINGS.test(name)) logger.warn(name, event);
  };
}
