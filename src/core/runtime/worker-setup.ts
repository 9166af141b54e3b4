import type { JobStore } from '../store.ts';
import type { JobDefinition } from './definitions.ts';
import type { Emitter } from './emitter.ts';
import type { Environment } from './environment.ts';
import type { Handler } from './handler.ts';
import type { Left } from './holdings.ts';
import type { RunHost } from './run.ts';

/** A handler with its definition. */
export interface Work {
  readonly definition: JobDefinition;
  readonly handler: Handler<unknown>;
}

/** What the workers of a queue share. */
export interface QueueSetup {
  readonly queue: string;
  readonly store: JobStore;
  readonly environment: Environment;
  readonly emitter: Emitter;
  readonly toSpec: RunHost['toSpec'];
}

/** What a worker is made of, every option resolved. */
export interface WorkerSetup extends QueueSetup {
  readonly works: ReadonlyMap<string, Work>;
  readonly left: Left;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly timeoutGraceMs: number;
  /** It settled something that may let other workers here go on: no store tells them. */
  readonly onFreed: () => void;
}
