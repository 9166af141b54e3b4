import {
  cancel,
  count,
  type Definitions,
  drain,
  type Environment,
  explain,
  get,
  type Handle,
  type Handlers,
  hold,
  InvalidOptionError,
  list,
  pause,
  redrive,
  remove,
  resume,
  serializeError,
  systemEnvironment,
} from '../core/index.ts';
import { meanings } from '../core/kernel/id-memory.ts';
import { markOf } from '../core/kernel/worked.ts';
import { acceptJobs } from '../core/queue/accept-jobs.ts';
import { contextOf } from '../core/queue/context.ts';
import type { StoreLine } from '../core/queue/line.ts';
import { MAX_INSTANT } from '../core/queue/options.ts';
import type { QueueOperation } from '../core/queue/queue-operation.ts';
import { checkPayload } from '../core/queue/schema.ts';
import { knownName } from '../core/queue/shared-limits.ts';
import { exchanging, extending } from '../core/work/lease-operations.ts';
import { reclaimLeases } from '../core/work/reclaim-leases.ts';
import { checkCall } from './call-check.ts';
import type { DurableObjectQueue } from './durable-object-queue.ts';
import type { Layout } from './layout.ts';
import type {
  CallKind,
  QueueAnswers,
  QueueCalls,
  QueueReply,
  SentJob,
  SentOutcome,
  SentSettlement,
} from './queue-call.ts';

/** How long a drain asked for by RPC may take when the caller does not say: whoever called waits for it. */
const DRAIN_MS = 30_000;
/** Longer than a drain can be: its worker lives in the object, gone with it, and needs no heartbeat, which would cost rows. */
const LOCAL_LEASE_MS = 3_600_000;

export interface ServeOptions<Jobs extends Definitions> {
  /** What `drain` runs. Without them a drain is refused with InvalidOptionError. */
  readonly handlers?: Handlers<Jobs>;
  /** The one the queue was made with, if it was given one. Default: the system's. */
  readonly environment?: Environment;
}

interface Served<Jobs extends Definitions> extends ServeOptions<Jobs> {
  readonly queue: DurableObjectQueue<Jobs>;
  /** Epoch ms when the call came. */
  readonly now: number;
}

type ActKind = Exclude<CallKind, 'layout'>;

type Acts<Jobs extends Definitions> = {
  readonly [Kind in ActKind]: (served: Served<Jobs>, call: QueueCalls[Kind]) => Promise<QueueAnswers[Kind]>;
};

/**
 * Answers one call of a `queueClient`: the whole of what a class has to expose over RPC is
 * `holdfast(call: unknown) { return serveQueue(this.queue, call, { handlers }); }`.
 *
 * Everything in the call is checked before anything is done: kinds, texts, numbers, at most 1,000 jobs, leases or names, and no
 * unknown key. Who may call is not checked: whoever has a binding to the object may. Job names are not compared with the queue's, as a
 * newer client may know more of them than this object does: such jobs wait; the payloads of the others are checked with their schemas, those
 * of the same version. Never rejects: errors are answered as data.
 */
export async function serveQueue<Jobs extends Definitions>(
  queue: DurableObjectQueue<Jobs>,
  call: unknown,
  options: ServeOptions<Jobs> = {},
): Promise<QueueReply> {
  try {
    const { environment = systemEnvironment } = options;
    const { kind, layout, ...rest } = checkCall(call);
    if (kind === 'layout') return { answer: takeLayout(queue, layout) };
    if (layout !== undefined && queue.keptShards.standing(layout) === 'unsettled') return { unsettled: true };
    const served = { ...options, queue, now: environment.now() };
    return { answer: await act(served, kind, rest as unknown as QueueCalls[typeof kind]) };
  } catch (error) {
    return { error: serializeError(error) };
  }
}

/** Home decides; another object believes who was there. */
function takeLayout<Jobs extends Definitions>(
  { keptShards }: DurableObjectQueue<Jobs>,
  layout: Layout | undefined,
): boolean {
  if (layout === undefined) throw new InvalidOptionError('call.layout', layout, 'given');
  if (layout.place === 'home') return keptShards.take(layout);
  keptShards.standing(layout);
  return false;
}

function act<Jobs extends Definitions, Kind extends ActKind>(
  served: Served<Jobs>,
  kind: Kind,
  call: QueueCalls[Kind],
): Promise<QueueAnswers[Kind]> {
  // What they are given by name is checked as it comes in.
  const acts = ACTS as unknown as Acts<Jobs>;
  return acts[kind](served, call);
}

const recalling: QueueOperation<{ readonly ids: readonly string[] }, readonly (string | undefined)[]> = {
  name: 'known',
  kind: 'reader',
  rule: ({ ids }) => meanings(ids),
};

function localOf(queue: Handle): StoreLine {
  const { local } = contextOf(queue).line;
  if (local === undefined) throw new InvalidOptionError('queue', queue, 'one with a store of its own');
  return local;
}

const run = <Args, Answer>(queue: Handle, operation: QueueOperation<Args, Answer>, args: Args) =>
  localOf(queue).execute(operation, args);

const ACTS: Acts<Definitions> = {
  enqueue: async ({ queue }, { jobs }) => {
    for (const job of jobs) {
      const checking = checkSent(queue.jobs, job);
      if (checking !== undefined) await checking;
    }
    return run(queue, acceptJobs, { jobs, ...queue.limits });
  },
  known: ({ queue }, { ids }) => run(queue, recalling, { ids }),
  get: ({ queue }, { id }) => get(queue, id),
  cancel: ({ queue }, { id }) => cancel(queue, id),
  redrive: ({ queue }, { id }) => redrive(queue, id),
  remove: ({ queue }, { id }) => remove(queue, id),
  list: ({ queue }, options) => list(queue, options),
  count: ({ queue }) => count(queue),
  explain: ({ queue }, { id }) => explain(queue, id),
  pause: async ({ queue }, { name }) => void (await pause(queue, name)),
  resume: async ({ queue }, { name }) => void (await resume(queue, name)),
  hold: async ({ queue, now }, { name, delayMs }) => void (await hold(queue, name, after(now, delayMs))),
  drain: async ({ queue, handlers }, { deadlineMs = DRAIN_MS, concurrency = 16, ...asked }) => {
    if (handlers === undefined) throw new InvalidOptionError('handlers', handlers, 'given to serveQueue');
    return drain(queue, handlers, { ...asked, deadlineMs, concurrency, leaseMs: LOCAL_LEASE_MS });
  },
  claim,
  settle: async ({ queue, now }, { workerId, settlements }) => {
    const { outageMs, probeMaxMs } = queue.outage;
    const settle = settlements.map((settlement) => received(settlement, now, outageMs));
    return (await run(queue, exchanging, { workerId: remote(workerId), settle, probeMaxMs })).settled;
  },
  extend: ({ queue }, { workerId, ...lease }) =>
    run(queue, extending, { workerId: remote(workerId), ...lease }),
};

/** A caller that skipped its own check is not believed. Another version's payload is of a shape that is not known here. */
function checkSent(jobs: Definitions, { name, version, payload }: SentJob): Promise<void> | undefined {
  const definition = Object.hasOwn(jobs, name) ? jobs[name] : undefined;
  if (definition?.payload === undefined || (definition.version ?? 1) !== version) return undefined;
  return checkPayload(name, definition.payload, payload);
}

/** First what other owners lost: without handlers of its own, nobody else in the object looks for it. */
async function claim(
  { queue, now }: Served<Definitions>,
  { workerId, names, ...rest }: QueueCalls['claim'],
): Promise<QueueAnswers['claim']> {
  await reclaimLeases(localOf(queue));
  const slots = rest.limit;
  const { jobs: defined, shared } = queue;
  const asked = Object.fromEntries(
    names.map(({ name, version }) => [name, { ...limitsOf(defined, name), version, slots }]),
  );
  const { jobs, nextAt } = await run(queue, exchanging, {
    workerId: remote(workerId),
    settle: [],
    claim: { ...rest, ...shared, names: asked },
    runs: names.map(({ name, version }) => markOf(name, version)),
    probeMaxMs: queue.outage.probeMaxMs,
  });
  return { jobs, ...(nextAt === undefined ? {} : { nextMs: Math.max(0, nextAt - now) }) };
}

/** The limits of a name that this object defines: they hold for those who pull as well. */
const limitsOf = (jobs: Definitions, name: string) =>
  Object.hasOwn(jobs, name) ? knownName(jobs[name] ?? {}) : {};

/** No name that a caller chooses is a worker's inside the object, which proves its life otherwise than by leases. */
const remote = (workerId: string): string => `remote ${workerId}`;

const after = (now: number, delayMs: number): number => Math.min(MAX_INSTANT, now + delayMs);

/** A settlement with the delays as instants of this object's clock. */
function received({ id, fence, outcome, met }: SentSettlement, now: number, outageMs: number) {
  return {
    id,
    fence,
    outcome: receivedOutcome(outcome, now),
    ...(met === undefined ? {} : { met: { outageMs, ...met } }),
  };
}

function receivedOutcome(outcome: SentOutcome, now: number) {
  switch (outcome.kind) {
    case 'complete':
    case 'cancelled':
    case 'unbegun':
      return { kind: outcome.kind };
    case 'release':
      return { kind: outcome.kind, runAt: after(now, outcome.delayMs) };
    case 'bury':
      return { kind: outcome.kind, error: { ...outcome.error, at: now } };
    case 'retry': {
      const { kind, delayMs, error, holdMs } = outcome;
      const hold = holdMs === undefined ? {} : { holdUntil: after(now, holdMs) };
      return { kind, runAt: after(now, delayMs), error: { ...error, at: now }, ...hold };
    }
  }
}
