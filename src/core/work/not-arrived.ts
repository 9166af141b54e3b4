import type { Outcome } from '../kernel/messages.ts';
import { refusalOf } from '../queue/refusal.ts';
import { type Attempt, bringsMore, resultOf } from './attempt.ts';
import type { Attempts } from './attempts.ts';
import { outcomeOf } from './verdict.ts';

/**
 * What was sent did not arrive, and goes again. Which of several is to blame for a refusal shows when each goes alone; one for which there is no room
 * alone is put off, and holds up nobody. Returns whether the next try need not wait: it is not the same again.
 */
export function notArrived(attempts: Attempts, error: unknown, now: number): boolean {
  const sent = attempts.those('sent');
  const [only] = sent;
  const refusal = refusalOf(error);
  const blamed = refusal === undefined ? [] : sent.filter(bringsMore);
  const isBlamed = blamed.length > 0;
  if (only === undefined || !(isBlamed || refusal === 'no room')) attempts.again(sent, 'repeated', now);
  else if (sent.length > 1) {
    attempts.again(sent, 'together', now);
    attempts.again(isBlamed ? blamed : sent, 'alone', now);
  } else if (!isBlamed) attempts.again(sent, only.alone ? 'later' : 'alone', now);
  else {
    const outcome = without(only, error, refusal === 'no room', now);
    if (outcome === undefined) attempts.again(sent, 'later', now);
    else attempts.endAnew(only, outcome);
  }
  return isBlamed;
}

/**
 * Its outcome without what the store refuses of what its handler made. A result goes first: its job is done. A payload that it cannot hold is the
 * handler's failure; that it has no room is not. Undefined: then the outcome is kept.
 */
function without(attempt: Attempt, error: unknown, noRoom: boolean, now: number): Outcome | undefined {
  const { claimed, definition, outcome } = attempt;
  if (resultOf(attempt) === undefined)
    return noRoom ? undefined : outcomeOf({ how: 'threw', thrown: error }, claimed.job, definition, now);
  const { result: _, ...done } = outcome as Extract<Outcome, { kind: 'complete' }>;
  return done;
}
