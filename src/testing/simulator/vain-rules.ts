import type { Call } from './call.ts';
import type { Complain } from './journal.ts';

/** A hint, a gate or a timer wakes once each. So many in a row, and nothing else happens meanwhile: that is a loop. */
const MANY = 12;

/** Idle costs nothing: a worker that was told when there will be something to do does not ask again and again until then. */
export class VainRules {
  #workerId = '';
  #times = 0;

  enter(call: Call, complain: Complain): void {
    if (call.method !== 'exchange' || !isVain(call) || call.request.workerId !== this.#workerId)
      this.#times = 0;
    if (call.method !== 'exchange') return;
    this.#workerId = call.request.workerId;
    this.#times += 1;
    if (this.#times === MANY)
      complain(
        'nobody asks in vain',
        `${this.#workerId} has asked ${MANY} times in a row, and nothing is due`,
      );
  }
}

function isVain({ request, answer, error, now }: Extract<Call, { method: 'exchange' }>): boolean {
  if (error !== undefined || request.settle.length > 0 || request.held !== undefined) return false;
  const { jobs, buried, cancelled, putOff, wentOn, nextAt = Number.POSITIVE_INFINITY } = answer;
  return jobs.length === 0 && (buried ?? cancelled ?? putOff ?? wentOn) === undefined && nextAt > now;
}
