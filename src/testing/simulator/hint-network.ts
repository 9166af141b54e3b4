import type { Hint } from '../../core/index.ts';
import type { Call } from './call.ts';
import type { Context } from './context.ts';
import type { World } from './world.ts';

/** The longest a hint is under way. */
const LATE_MS = 20;
const LOST = 0.1;

/** Carries hints from context to context, late, and some not at all. */
export class HintNetwork {
  readonly #world: World;
  readonly #listeners = new Map<Context, (hint: Hint) => void>();
  #sent = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Answers the clean-up. */
  listen(context: Context, listener: (hint: Hint) => void): () => void {
    this.#listeners.set(context, listener);
    return () => this.forget(context);
  }

  forget(context: Context): void {
    this.#listeners.delete(context);
  }

  tell(context: Context, hint: Hint): void {
    this.#listeners.get(context)?.(hint);
  }

  send(to: Context, hint: Hint): void {
    const { timeline, journal, enabled, setup, calm } = this.#world;
    this.#sent += 1;
    const id = `h${this.#sent}`;
    const random = this.#world.random(id);
    const lost = enabled.has('hint') && !calm && random.chance(LOST) && !setup.without.has(id);
    if (lost) journal.fault(id, 'hint lost', to.name);
    else timeline.after(random.between(0, LATE_MS), () => this.tell(to, hint), to.life);
  }
}

/** What a store tells other contexts after this call. */
export function hintOf({ method, request, answer, error }: Call): Hint | undefined {
  if (error !== undefined) return undefined;
  switch (method) {
    case 'enqueue':
      return answer.some(({ status }) => status !== 'duplicate') ? 'work' : undefined;
    case 'exchange':
      if (answer.outage !== undefined && answer.outage.closed.length > 0) return 'cancel';
      if (answer.outage?.grew) return 'work';
      if (request.settle.some(({ outcome }) => outcome.kind === 'retry' && outcome.holdUntil !== undefined))
        return 'cancel';
      return answer.wentOn ||
        request.settle.some(({ outcome }) => outcome.kind !== 'complete' || outcome.enqueue)
        ? 'work'
        : undefined;
    case 'cancel':
      return answer.includes('requested') || answer.includes('running') ? 'cancel' : 'work';
    case 'hold':
    case 'pause':
      return 'cancel';
    case 'reclaim':
      return Object.values(answer).some((ids) => ids.length > 0) ? 'work' : undefined;
    case 'fire':
      return answer.some(({ jobs }) => jobs.length > 0) ? 'work' : undefined;
    case 'putSchedules':
    case 'redrive':
    case 'retryNow':
    case 'resume':
    case 'closeBatch':
    case 'abandon':
      return 'work';
    default:
      return undefined;
  }
}
