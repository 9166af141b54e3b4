import {
  type Definitions,
  drain,
  type Exposable,
  type ExposeOptions,
  expose,
  type Handlers,
  InvalidOptionError,
  type Reply,
  serializeError,
} from '../core/index.ts';
import { contextOf } from '../core/queue/context.ts';
import { checkKnown, checkPlain } from '../core/queue/options.ts';
import type { ServedOperation } from '../core/remote/expose.ts';
import { VERSION } from '../core/remote/messages.ts';
import { type DrainObjectsOptions, draining } from './draining.ts';
import type { DurableObjectQueue } from './durable-object-queue.ts';
import { checkLayout, type KeptShards, type Layout } from './layout.ts';
import { recalling } from './recalling.ts';

/** How long a drain asked for by RPC may take when the caller does not say: whoever called waits for it. */
const DRAIN_MS = 30_000;
/** Longer than a drain can be: its worker lives in the object, gone with it, and needs no heartbeat, which would cost rows. */
const LOCAL_LEASE_MS = 3_600_000;

/** What a `queueClient` sends to an object: plain data. */
export interface QueueCall {
  readonly v: number;
  readonly call: string;
  readonly args?: unknown;
  /** Over how many objects the caller spreads the queue. Absent: not compared. */
  readonly layout?: unknown;
}

/** What an object replies: plain data. `unsettled`: nothing was done, as it knows another number of shards, or none; its caller asks home. */
export type QueueReply = Reply & { readonly unsettled?: true };

export interface ServeOptions<Jobs extends Definitions> extends ExposeOptions<never> {
  /** What `drainObjects` runs. Without them nobody can ask for it. */
  readonly handlers?: Handlers<Jobs>;
}

/**
 * Exposes a queue over RPC, to every Worker with a binding to the class: what these functions need, and nothing else. Everything in a call is
 * checked before anything is done. Job names are not compared with the queue's, as a newer client may know more of them than this object does:
 * such jobs wait; the payloads of the others are checked with their schemas, those of the same version. Never rejects: errors are replied as data.
 *
 * @example
 * export class Mailer extends DurableObject {
 *   readonly queue = durableObjectQueue(this.ctx, { name: 'mail', jobs });
 *   readonly #exposed = serveQueue(this.queue, { enqueueMany, get, list, count, ...pulling });
 *   holdfast(call: QueueCall) { return this.#exposed(call); }
 * }
 *
 * @throws InvalidOptionError at once
 */
export function serveQueue<Jobs extends Definitions>(
  queue: DurableObjectQueue<Jobs>,
  functions: Readonly<Record<string, Exposable>>,
  { handlers, ...options }: ServeOptions<Jobs> = {},
): (call: unknown) => Promise<QueueReply> {
  const { environment } = contextOf(queue);
  const also = {
    known: { operations: [recalling] },
    ...(handlers && { drain: { operations: [drainingWith(queue, handlers)] } }),
  };
  const exposed = expose(queue, { ...functions, ...also }, options);
  return async (call) => {
    try {
      const { layout, ...message } = checkKnown('message', checkPlain('message', call), [
        ...['v', 'call', 'args', 'layout'],
      ]);
      const told = layout === undefined ? undefined : checkLayout('message.layout', layout);
      if (message.call === 'layout')
        return { v: VERSION, now: environment.now(), answer: takeLayout(queue.keptShards, told) };
      if (told !== undefined && queue.keptShards.standing(told) === 'unsettled')
        return { v: VERSION, now: environment.now(), unsettled: true };
      return await exposed(message);
    } catch (error) {
      return { v: VERSION, now: environment.now(), error: serializeError(error) };
    }
  };
}

/** Home decides; another object believes who was there. */
function takeLayout(keptShards: KeptShards, layout: Layout | undefined): boolean {
  if (layout === undefined) throw new InvalidOptionError('message.layout', layout, 'given');
  if (layout.place === 'home') return keptShards.take(layout);
  keptShards.standing(layout);
  return false;
}

const drainingWith = <Jobs extends Definitions>(
  queue: DurableObjectQueue<Jobs>,
  handlers: Handlers<Jobs>,
): ServedOperation<DrainObjectsOptions, unknown> => ({
  ...draining,
  act: ({ deadlineMs = DRAIN_MS, concurrency = 16, ...asked }) =>
    drain(queue, handlers as never, { ...asked, deadlineMs, concurrency, leaseMs: LOCAL_LEASE_MS }),
});
