import { DeadLetterError, ServerError, UnreachableError } from '../../core/index.ts';
import type { Random } from './random.ts';

/** What befalls a server: nobody reaches it, it answers that it fails, it never answers, it asks for patience, it wants a sign-in. */
export const TROUBLES = ['down', 'fails', 'hangs', 'busy', 'signed-out'] as const;
export type Trouble = (typeof TROUBLES)[number];

/** Hosts of which requests may be made, beside those that a workload names. The last one is dead until the calm. */
export const HOSTS = ['a', 'b', 'dead'] as const;
const DEAD: string = HOSTS[2];

/** How long a request takes, and one that is never answered until its sender gives up. */
const TOOK_MS = 40;
const HANGS_MS = 8_000;
const REFUSED = 0.05;

interface State {
  readonly trouble: Trouble;
  readonly until: number;
}

/** Who calls, and how it waits. */
export interface Caller {
  readonly offlineUntil: number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The servers that handlers call: well, unless something befalls them. */
export class Servers {
  readonly #time: { readonly elapsed: number };
  readonly #random: Random;
  readonly #states = new Map<string, State>();
  /** By host: requests that it saw, or would have seen. */
  readonly requests = new Map<string, number>();
  #well = false;

  constructor(time: { readonly elapsed: number }, random: Random) {
    this.#time = time;
    this.#random = random;
  }

  befall(host: string, trouble: Trouble, forMs: number): void {
    this.#states.set(host, { trouble, until: this.#time.elapsed + forMs });
  }

  /** From now on all answer. */
  heal(): void {
    this.#well = true;
    this.#states.clear();
  }

  /** Since when it has answered whoever asks; undefined: it does not. */
  wellSince(host: string): number | undefined {
    if (this.#well) return 0;
    if (host === DEAD) return undefined;
    const until = this.#states.get(host)?.until ?? 0;
    return until > this.#time.elapsed ? undefined : until;
  }

  /** Resolves when it has done what was asked; rejects as `send` does. */
  async request(host: string, caller: Caller, signal?: AbortSignal): Promise<void> {
    this.requests.set(host, (this.requests.get(host) ?? 0) + 1);
    if (caller.offlineUntil > this.#time.elapsed) throw new UnreachableError('there is no network');
    const state = this.#stateOf(host);
    const refuses = this.#random.chance(REFUSED);
    if (state?.trouble === 'hangs') {
      await caller.sleep(HANGS_MS, signal);
      throw new UnreachableError('no answer in time', { reason: 'timeout' });
    }
    await caller.sleep(this.#random.between(1, TOOK_MS), signal);
    if (state === undefined) {
      if (refuses) throw new DeadLetterError('the server answered 422', { status: 422 });
      return;
    }
    throw errorOf(state.trouble, state.until - this.#time.elapsed);
  }

  #stateOf(host: string): State | undefined {
    const state = this.#states.get(host);
    if (state !== undefined && state.until > this.#time.elapsed) return state;
    return host === DEAD && !this.#well ? { trouble: 'down', until: Number.POSITIVE_INFINITY } : undefined;
  }
}

function errorOf(trouble: Trouble, leftMs: number): Error {
  switch (trouble) {
    case 'fails':
      return new ServerError('the server answered 500', { status: 500 });
    case 'busy':
      return new UnreachableError('the server answered 429', {
        reason: 'busy',
        retryAfterMs: Math.max(0, Math.min(leftMs, 60_000)),
      });
    case 'signed-out':
      return new UnreachableError('the server answered 401', { reason: 'signed-out' });
    default:
      return new UnreachableError('nobody answered');
  }
}
