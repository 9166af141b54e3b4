import type { Wait } from '../kernel/messages.ts';
import type { Environment } from './environment.ts';

/** A worker, as its features see it. */
export interface WorkerHost {
  readonly environment: Environment;
  /** More names may be asked for than before, or more jobs begin. */
  wake(): void;
  /** What the user gave has failed: it is emitted as an event. */
  fail(error: unknown): void;
}

/** What a feature does in one worker. */
export interface WorkerHooks {
  /** Why jobs of the name are not asked for now; undefined: they are. */
  closes?(name: string): Wait | undefined;
  /**
   * For what a job of the name is claimed: for a `slot` of this worker. What takes something from other workers is not claimed ahead of them.
   * Undefined: also ahead.
   */
  claimsFor?(name: string): 'slot' | undefined;
  /** Whether a job of the name that is claimed may begin. One that may not goes back unbegun. */
  begins?(name: string): boolean;
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
