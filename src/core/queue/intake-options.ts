import { InvalidOptionError } from '../kernel/errors.ts';
import { streamOf } from '../kernel/owner.ts';
import { type Definitions, defineJobs } from './definitions.ts';
import { type Environment, inWholeMs, systemEnvironment } from './environment.ts';
import { checkMiddleware, type Middleware } from './middleware.ts';
import { checkMs, checkText, hasMethods } from './options.ts';
import { checkLimits, LIMIT_OPTIONS, type QueueLimits } from './queue-limits.ts';

/** What enqueueing goes by: every context that enqueues is given the same. */
export interface IntakeOptions<Jobs extends Definitions = Definitions> extends QueueLimits {
  /** The stream's name in its store. */
  readonly name: string;
  /**
   * Whose queue this is, say the id of the signed-in user. The jobs of an owner are a stream of their own: no queue of another owner, or
   * without one, counts, claims or even sees them, and every queue with the same name, owner and store shares them. At logout `close()`
   * keeps them for the next login, `export()` reads them out, `purge()` deletes them. It separates, and protects nothing: whatever may
   * open the store (any script of the origin) can read all of it. Default: none. A text as the name is.
   */
  readonly owner?: string;
  readonly jobs: Jobs;
  /** How long ids of your own are remembered after completion. Default one hour; 0: not at all. */
  readonly dedupeMs?: number;
  /** What goes around enqueue and around each handler here, the outermost first. Default: none. At most 100. */
  readonly middleware?: readonly Middleware[];
  /** Clock, timers and ids. Default: the system's. */
  readonly environment?: Environment;
}

export const INTAKE_OPTIONS = [
  'name',
  'jobs',
  'store',
  'owner',
  ...LIMIT_OPTIONS,
  'dedupeMs',
  'middleware',
  'environment',
];

const HOUR_MS = 3_600_000;

/** Throws InvalidOptionError. */
export function checkIntake(options: IntakeOptions) {
  const { owner, dedupeMs = HOUR_MS } = options;
  const environment = inWholeMs(options.environment ?? systemEnvironment);
  const name = checkText('name', options.name);
  return {
    name,
    jobs: new Map(Object.entries(defineJobs(options.jobs))),
    queue: streamOf(name, owner === undefined ? owner : checkText('owner', owner)),
    limits: checkLimits(options),
    dedupeMs: checkMs('dedupeMs', dedupeMs),
    layers: checkMiddleware(options.middleware),
    environment,
  };
}

/** Throws InvalidOptionError for what has not these methods. */
export function checkStore<Store>(store: Store, ...methods: readonly (keyof Store)[]): Store {
  if (!hasMethods(store, ...methods))
    throw new InvalidOptionError('store', store, 'a store such as memoryStore()');
  return store;
}
