import { type Definitions, InvalidOptionError, type Queue } from '../core/index.ts';
import type { Feature, FeatureFor, OptionsOf } from '../core/queue/feature.ts';
import { checkKnown, hasMethods } from '../core/queue/options.ts';
import { FAR_OPTIONS, type FarOptions, farQueue } from '../core/remote/remote-queue.ts';
import { type QueueObject, ShardedLine } from './sharded-line.ts';
import { type ShardOptions, Shards } from './shards.ts';

const OPTIONS = [...FAR_OPTIONS, 'shards', 'formerShards', 'object'];

/** The part of a Durable Object namespace that is used: a binding whose class has `holdfast(call)`. */
export interface QueueNamespace {
  idFromName(name: string): object;
  get(id: object): QueueObject;
}

export interface QueueClientOptions<
  Jobs extends Definitions,
  Use extends readonly Feature[] = readonly Feature[],
> extends FarOptions<Jobs, Use>,
    ShardOptions {
  /** The stub of the object of this name. Default: `namespace.get(namespace.idFromName(name))`; own one for jurisdictions. */
  readonly object?: (name: string) => QueueObject;
}

/**
 * Reaches a queue in Durable Objects from a Worker. Every function over a queue takes the client, as far as the class exposes what it needs
 * by `serveQueue`; `work(queue, handlers)` runs its jobs here. A call that fails for a reason that passes is repeated, which is safe, as each job
 * carries its id; a repeat may find its work done (`unknown` for a cancelled job). One case is left: a job
 * stored by a try whose answer was lost, and completed before the repeat, is stored again, unless it has an id of your own. All reject with
 * StoreError when an object cannot be reached. Calls nothing before it is used.
 *
 * With more than one shard: a lane lies in one object, and so does a key without a lane; a key with a lane is unique inside its lane;
 * an id of your own inside the object that the job's lane or key leads to, and inside those that it led to with `formerShards`: an id that leads
 * elsewhere since is asked for there first, one call more. Batches and flows lie in one object each, and other jobs of one call go together to
 * one: each object accepts or refuses its part as a whole. `count` and `stats` return sums; `list` goes shard beside shard; `pause` is for the
 * objects there are.
 *
 * `shards` can be changed with jobs waiting: each object goes on with what it has, by its own alarm, and `formerShards` says where else to
 * look. While such jobs wait, a lane or key that moved has jobs in two objects: order and uniqueness hold inside each.
 *
 * A missing `formerShards` is noticed, not guessed: the object named `name` keeps the number that the queue was called with last, and so
 * does each object it is spread over. A client with another number that does not name the kept one in `formerShards` is refused with
 * InvalidOptionError, and nothing is stored; one that names it makes its own the kept one, and the objects it can reach are told. An object
 * that is new to a client asks nothing itself: its client asks `name` first, once. So clients of the former number are refused from then on.
 * To change it without that, deploy the former number first, with the new one in `formerShards`: then both kinds look in all objects.
 *
 * @example
 * const queue = queueClient(env.MAILER, 'mail', { jobs, shards: 4 });
 * await queue.enqueue('mail.send', letter);
 * await explain(queue, id);
 *
 * @throws InvalidOptionError at once
 */
export function queueClient<
  const Jobs extends Definitions,
  const Use extends readonly FeatureFor<Jobs>[] = [],
>(
  namespace: QueueNamespace,
  name: string,
  given: QueueClientOptions<Jobs, Use>,
): Queue<Jobs, OptionsOf<Use>> {
  const options = checkKnown('queueClient options', given, OPTIONS);
  const { object = (of: string) => namespace.get(namespace.idFromName(of)), ...far } = options;
  if (typeof object !== 'function') throw new InvalidOptionError('object', object, 'a function');
  if (options.object === undefined && !hasMethods(namespace, 'idFromName', 'get'))
    throw new InvalidOptionError('namespace', namespace, 'a Durable Object namespace');
  const shards = new Shards(name, options);
  return farQueue(name, far, (how) => new ShardedLine(shards, object, how));
}
