import type { ClosedTarget, ExchangeAnswer, LeftJobs } from '../kernel/messages.ts';
import type { Drained, DrainOptions } from './worker-options.ts';

const NOTHING: LeftJobs = { waiting: 0, elsewhere: 0 };

/** What a drain waits for when it has nothing to do, and what it leaves: see `DrainOptions.waitFor`. */
export class Patience {
  readonly #waitFor: NonNullable<DrainOptions['waitFor']>;
  /** Since when it has had nothing to do; undefined: it has. */
  #since: number | undefined;
  #nextAt: number | undefined;
  /** It ended with more to do: no answer that is under way says otherwise. */
  #isCutOff = false;
  /** Something is known of what waits. */
  #hasHeard = false;
  /** What its claims ask beside jobs. */
  readonly asks = { asksLeft: true };
  #left = NOTHING;
  #closed: readonly ClosedTarget[] = [];

  constructor(waitFor: NonNullable<DrainOptions['waitFor']>) {
    this.#waitFor = waitFor;
  }

  heard({ nextAt, left, closedTargets = [] }: ExchangeAnswer, now: number, isIdle: boolean): void {
    this.#hasHeard = true;
    if (!this.#isCutOff) this.#nextAt = nextAt;
    this.#closed = closedTargets;
    if (left !== undefined) this.#left = left;
    if (!isIdle) this.#since = undefined;
    else this.#since ??= now;
  }

  /** Nothing can be claimed: every name is closed. */
  lose(): void {
    this.#hasHeard = true;
    this.#nextAt = undefined;
    this.#left = NOTHING;
  }

  /** It is stopped with jobs in hand, which are due again, or may take no more. */
  cutOff(now: number): void {
    this.#isCutOff = true;
    this.#nextAt = now;
  }

  /** The drain is over: perhaps before it heard anything. */
  over(now: number): void {
    if (!this.#hasHeard) this.cutOff(now);
  }

  waits(now: number): boolean {
    const { waiting, elsewhere } = this.#left;
    if (this.#waitFor === 'empty') return waiting + elsewhere > 0;
    const endsAt = this.endsAt ?? now;
    return now < endsAt && (elsewhere > 0 || (this.#nextAt ?? Number.POSITIVE_INFINITY) <= endsAt);
  }

  /** When its patience ends; undefined: it does not, or has not begun. */
  get endsAt(): number | undefined {
    return this.#waitFor === 'empty' || this.#since === undefined ? undefined : this.#since + this.#waitFor;
  }

  get leaves(): Pick<Drained, 'nextAt' | 'activeElsewhere' | 'closed'> {
    const left = { activeElsewhere: this.#left.elsewhere, closed: this.#closed };
    return this.#nextAt === undefined ? left : { ...left, nextAt: this.#nextAt };
  }
}
