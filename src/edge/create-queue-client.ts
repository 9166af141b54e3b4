import {
  type Definitions,
  defineJobs,
  type Environment,
  InvalidOptionError,
  systemEnvironment,
} from '../core/index.ts';
import { inWholeMs } from '../core/queue/environment.ts';
import { checkCount, checkKnown, checkMs, hasMethods } from '../core/queue/options.ts';
import { Caller } from './caller.ts';
import type { QueueClient } from './queue-client.ts';
import { ShardedQueue } from './sharded-queue.ts';
import { type ShardOptions, Shards } from './shards.ts';

const HOUR_MS = 3_600_000;
const DEFAULT_TRIES = 5;
const OPTIONS = ['jobs', 'shards', 'formerShards', 'object', 'dedupeMs', 'tries', 'environment'];

/** The part of a Durable Object namespace that is used: a binding whose class has `holdfast(call)`. */
export interface QueueNamespace {
  idFromName(name: string): object;
  get(id: object): { holdfast(call: never): unknown };
}

export interface QueueClientOptions<Jobs extends Definitions> extends ShardOptions {
  readonly jobs: Jobs;
  /** The stub of the object of this name. Default: `namespace.get(namespace.idFromName(name))`; own one for jurisdictions. */
  readonly object?: (name: string) => { holdfast(call: never): unknown };
  /** How long ids of your own are remembered after completion. Default one hour; 0: not at all. */
  readonly dedupeMs?: number;
  /** How often a call is made when it fails for a reason that passes. Default 5, minimum 1. */
  readonly tries?: number;
  /** Clock, timers and ids. Default: the system's. */
  readonly environment?: Environment;
}

/**
 * A client of the queue in the objects named after `name`: `queueClient<typeof jobs>(env.JOBS, 'mail', { jobs })`. Their class exposes
 * `holdfast(call) { return serveQueue(this.queue, call, { handlers }); }`. Calls nothing before it is used. Throws InvalidOptionError.
 *
 * `shards` can be changed with jobs waiting: each object goes on with what it has, by its own alarm, and `formerShards` says where else to
 * look. While such jobs wait, a lane or key that moved has jobs in two objects: order and uniqueness hold inside each.
 *
 * A missing `formerShards` is noticed, not guessed: the object named `name` keeps the number that the queue was called with last, and so
 * does each object it is spread over. A client with another number that does not name the kept one in `formerShards` is refused with
 * InvalidOptionError, and nothing is stored; one that names it makes its own the kept one, and the objects it can reach are told. An object
 * that is new to a client asks nothing itself: its client asks `name` first, once. So clients of the former number are refused from then on.
 * To change it without that, deploy the former number first, with the new one in `formerShards`: then both kinds look in all objects.
 */
export function queueClient<const Jobs extends Definitions>(
  namespace: QueueNamespace,
  name: string,
  given: QueueClientOptions<Jobs>,
): QueueClient<Jobs> {
  const options = checkKnown('queueClient options', given, OPTIONS);
  const {
    object = (of: string) => namespace.get(namespace.idFromName(of)),
    environment = systemEnvironment,
    tries = DEFAULT_TRIES,
    dedupeMs = HOUR_MS,
  } = options;
  if (typeof object !== 'function') throw new InvalidOptionError('object', object, 'a function');
  if (options.object === undefined && !hasMethods(namespace, 'idFromName', 'get'))
    throw new InvalidOptionError('namespace', namespace, 'a Durable Object namespace');
  const shards = new Shards(name, options);
  const jobs: Definitions = defineJobs(options.jobs);
  const caller = new Caller(shards, object, inWholeMs(environment), checkCount('tries', tries));
  return new ShardedQueue(name, jobs, shards, caller, environment, checkMs('dedupeMs', dedupeMs));
}
