import type { ClaimedJob, ExchangeRequest, Wait } from '../kernel/messages.ts';
import type { Environment } from './environment.ts';

/** A worker, as its features see it. */
export interface WorkerHost {
  readonly environment: Environment;
  /** The rows are in this context, too. */
  readonly isHere: boolean;
  /** More names may be asked for than before, or more jobs begin. */
  wake(): void;
  /** What the user gave has failed: it is emitted as an event. */
  fail(error: unknown): void;
}

/** An attempt that runs, as features see it that give its handler more. */
export interface Attempt {
  /** Nothing that the handler still does can belong to the job. */
  readonly isOver: boolean;
  /** A copy of what is to be stored beside the payload. Throws PayloadError at once: nothing of it is lost with a promise that nobody awaits. */
  small(what: string, value: unknown): unknown;
  /** What the feature attaches to the job, a copy: see `Attached`. Resolves with whether it is stored; else it goes along until it is. */
  attach(feature: string, value: unknown): Promise<boolean>;
}

/** What a feature does in one worker. */
export interface WorkerHooks {
  /** Why jobs of the name are not asked for now; undefined: they are. */
  closes?(name: string): Wait | undefined;
  /**
   * For what jobs of the name are claimed: for slots of this worker (`slot`), or for those that are free (`free`). What takes something from other
   * workers is not claimed ahead of them. Undefined: also ahead.
   */
  claimsFor?(name: string): 'slot' | 'free' | undefined;
  /** An exchange is about to be asked for: what it returns goes instead. `running`: what runs; `ended`: what is settled, one for each settlement. */
  asks?(
    request: ExchangeRequest,
    running: readonly ClaimedJob[],
    ended: readonly ClaimedJob[],
  ): ExchangeRequest;
  /** Whether what was claimed may begin. It does then, or goes back unbegun. */
  begins?(claimed: ClaimedJob, now: number): boolean;
  /** It does not know yet what it closes: a drain waits for that. */
  readonly isWaiting?: boolean;
  /** The worker is over. */
  close?(): void;
}

/** Why jobs of a name are not asked for now; undefined: they are. */
export function closedBy(hooks: readonly WorkerHooks[], name: string): Wait | undefined {
  for (const hook of hooks) {
    const why = hook.closes?.(name);
    if (why !== undefined) return why;
  }
  return undefined;
}
