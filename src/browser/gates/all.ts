import type { Gate } from '../../core/features/gates/gate.ts';
import { InvalidOptionError } from '../../core/kernel/errors.ts';
import { hasMethods } from '../../core/queue/options.ts';

/**
 * Open while every one of these gates is.
 *
 * @example
 * gates({ 'video.push': all(online(), network({ type: ['wifi'] }), battery()) })
 *
 * @throws InvalidOptionError at once for what is no gate
 */
export function all(...gates: readonly Gate[]): Gate {
  gates.forEach((gate, i) => {
    if (!hasMethods(gate, 'isOpen', 'subscribe'))
      throw new InvalidOptionError(`gates[${i}]`, gate, 'an object with isOpen() and subscribe()');
  });
  return {
    isOpen() {
      const later: Promise<boolean>[] = [];
      for (const gate of gates) {
        const answer = gate.isOpen();
        if (typeof answer === 'object') later.push(answer);
        else if (answer !== true) {
          void Promise.allSettled(later); // What they come to is of no interest now, whichever it is.
          return false;
        }
      }
      if (later.length === 0) return true;
      return Promise.all(later).then((answers) => answers.every((isOpen) => isOpen === true));
    },
    subscribe(listener) {
      const ends: (() => void)[] = [];
      const endAll = () => {
        for (const end of ends.splice(0)) end();
      };
      try {
        for (const gate of gates) ends.push(gate.subscribe(listener));
      } catch (error) {
        endAll();
        throw error;
      }
      return endAll;
    },
  };
}
