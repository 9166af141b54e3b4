import type { Random } from './random.ts';

/** What a simulation may do to the world. */
export const FAULT_KINDS = [
  /** A context ends in the middle of anything, and another starts later. */
  'crash',
  /** A context stands still, and goes on as if nothing had been. */
  'freeze',
  /** A context's clock jumps forward or back. */
  'clock',
  /** A call of the store fails: before it does anything, or when all of it is done. */
  'error',
  /** A call takes seconds. */
  'slow',
  /** A context cannot reach its store for a while. */
  'outage',
  /** The store stands still for a while: calls wait, and are given up after ten seconds, carried out or not. */
  'stand',
  /** A server that handlers call is down for a while, fails, never answers, asks for patience, or wants a sign-in. */
  'server',
  /** A context has no network for a while: its handlers reach no server. */
  'offline',
  /** The disk is full for a while: nothing new is stored. */
  'quota',
  /** The payload of a job cannot be read any more, whatever has become of the job. */
  'unreadable',
  /** All that is stored is gone, under open queues. Only for workloads that say so. */
  'cleared',
  /** Hints between contexts get lost, come twice, or late, or without a reason. */
  'hint',
  /** A context is stopped, and one of the next release starts. */
  'deploy',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** What users do. */
export type Command =
  | 'enqueue'
  | 'enqueueMany'
  | 'cancel'
  | 'redrive'
  | 'retryNow'
  | 'remove'
  | 'prune'
  | 'pause'
  | 'clear'
  | 'flow'
  | 'wait'
  | 'batch'
  | 'hold'
  | 'schedule'
  | 'gate'
  | 'stop'
  | 'drain';

export const COMMANDS: Readonly<Record<Command, number>> = {
  enqueue: 40,
  enqueueMany: 6,
  cancel: 5,
  redrive: 3,
  retryNow: 1,
  remove: 1,
  prune: 1,
  pause: 2,
  clear: 0.5,
  flow: 4,
  wait: 4,
  batch: 2,
  hold: 1,
  schedule: 2,
  gate: 2,
  stop: 3,
  drain: 1,
};

/** Faults that come by themselves, by how often; `error` and `slow` come with calls. */
const EVENTS: Readonly<Partial<Record<FaultKind, number>>> = {
  crash: 4,
  freeze: 4,
  clock: 3,
  outage: 2,
  stand: 1,
  server: 3,
  offline: 1.5,
  quota: 1,
  cleared: 0.5,
  unreadable: 2,
  hint: 3,
  deploy: 2,
};

/** Weights of what happens next. */
export function eventWeights(enabled: ReadonlySet<FaultKind>): Record<string, number> {
  const faults = Object.entries(EVENTS).filter(([kind]) => enabled.has(kind as FaultKind));
  return { ...COMMANDS, ...(Object.fromEntries(faults) as Record<string, number>) };
}

/** With one of these, instants say less. */
const UNSTEADY: readonly FaultKind[] = ['clock', 'slow', 'stand'];

/** All clocks go alike, and calls arrive at once. */
export const isSteady = (enabled: ReadonlySet<FaultKind>): boolean =>
  UNSTEADY.every((kind) => !enabled.has(kind));

/** Each seed leaves some kinds out, one in ten all that make instants say less: what one fault hides shows without it. */
export function chooseFaults(random: Random, allowed: readonly FaultKind[]): ReadonlySet<FaultKind> {
  const chosen = allowed.filter(() => random.chance(0.7));
  const isSteady = random.chance(0.1);
  return new Set(chosen.filter((kind) => !isSteady || !UNSTEADY.includes(kind)));
}

const CRASH_AT_CALL = 0.004;
const ERROR_AT_CALL = 0.015;
const SLOW_CALL = 0.01;

/** What befalls one call, if anything does. */
export function callFault(
  random: Random,
  enabled: ReadonlySet<FaultKind>,
):
  | { readonly kind: 'crash' | 'error'; readonly when: 'before' | 'after' }
  | { readonly kind: 'slow'; readonly ms: number }
  | undefined {
  const when = random.pick(['before', 'after'] as const);
  const chance = random.next();
  const ms = random.spread(4_000);
  if (chance < CRASH_AT_CALL) return enabled.has('crash') ? { kind: 'crash', when } : undefined;
  if (chance < CRASH_AT_CALL + ERROR_AT_CALL)
    return enabled.has('error') ? { kind: 'error', when } : undefined;
  if (chance < CRASH_AT_CALL + ERROR_AT_CALL + SLOW_CALL)
    return enabled.has('slow') ? { kind: 'slow', ms } : undefined;
  return undefined;
}
