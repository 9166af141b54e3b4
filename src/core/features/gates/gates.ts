import { InvalidOptionError, quote } from '../../kernel/errors.ts';
import type { Feature, NamesIn } from '../../queue/feature.ts';
import { checkText, hasMethods, reading } from '../../queue/options.ts';
import { orderOf } from '../order.ts';
import { Doors } from './doors.ts';
import type { Gate } from './gate.ts';

/**
 * Keeps jobs of a name waiting while a condition does not hold: none is claimed, none begins, and no attempt is counted. Jobs of other names go on.
 * It counts only for workers of this queue object. Names may share a gate.
 *
 * @example
 * createQueue({ name: 'sync', jobs, store, use: [gates({ 'note.push': online(), 'video.upload': all(online(), battery()) })] });
 *
 * @throws InvalidOptionError at once for a value that is no gate; createQueue throws UnknownJobError for a name that has no definition
 */
export function gates<Name extends string>(by: Readonly<Record<Name, Gate>>): Feature<object, NamesIn<Name>> {
  if (typeof by !== 'object' || by === null)
    throw new InvalidOptionError('gates', by, 'an object of gates by job name');
  const own = new Map(reading('gates', by, () => Object.entries<Gate>(by)));
  for (const [name, gate] of own) {
    checkText('gates', name);
    if (!hasMethods(gate, 'isOpen', 'subscribe'))
      throw new InvalidOptionError(`gates[${quote(name)}]`, gate, 'an object with isOpen() and subscribe()');
  }
  return {
    name: 'gates',
    order: orderOf('gates'),
    names: [...own.keys()],
    worker: (host) => new Doors(own, host),
  };
}
