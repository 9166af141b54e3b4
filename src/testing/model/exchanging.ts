import { type Arbitrary, array, boolean, constantFrom, integer, nat, oneof, record } from 'fast-check';
import type { KeepRules } from '../../core/features/results/keep-rules.ts';
import type { JobError } from '../../core/kernel/job.ts';
import type { Attached } from '../../core/kernel/job-row.ts';
import type { ClaimRequest, Meeting, Met, Outcome, Settlement } from '../../core/kernel/messages.ts';
import { attaching, type FeaturedClaim } from '../every-feature.ts';
import { command, specOf } from './command.ts';
import { rate } from './limit-laws.ts';
import { watching } from './scheduling.ts';
import type { RequestOf } from './turn.ts';
import type { GivenLease, Walk } from './walk.ts';
import {
  type Draft,
  draft,
  keepRules,
  ms,
  name,
  names,
  nth,
  type PayloadName,
  payload,
  payloadName,
  rarely,
  sideValue,
  targets,
  worker,
} from './words.ts';

/** Which lease is meant: one that the worker holds, one that anybody holds, one that was given at some time, or none. */
type Whose = 'own' | 'any' | 'past' | 'none';
interface Picked {
  readonly whose: Whose;
  readonly nth: number;
}
const pick: Arbitrary<Picked> = record({
  whose: constantFrom<Whose>('own', 'own', 'own', 'own', 'own', 'own', 'own', 'any', 'past', 'past', 'none'),
  nth,
});

const nowhere: GivenLease = { workerId: 'nobody', id: 'a', fence: 1_000_000 };

function leaseOf(walk: Walk, workerId: string, { whose, nth: index }: Picked): GivenLease {
  const held = walk.state.active.map((job) => ({
    ...(job.lease as NonNullable<typeof job.lease>),
    id: job.id,
  }));
  const leases = {
    own: held.filter((lease) => lease.workerId === workerId),
    any: held,
    past: walk.given,
    none: [],
  }[whose];
  return leases[index % Math.max(1, leases.length)] ?? nowhere;
}

/** How a lease ends; instants are drawn from now. */
interface Ending {
  readonly kind: Outcome['kind'] | 'chain';
  readonly inMs: number;
  readonly holdMs: number | undefined;
  readonly chained: readonly Draft[];
}
const ending: Arbitrary<Ending> = record({
  kind: constantFrom<Ending['kind']>(
    'complete',
    'complete',
    'chain',
    'retry',
    'retry',
    'release',
    'unbegun',
    'bury',
    'cancelled',
  ),
  inMs: oneof(ms, constantFrom(-5_000)),
  holdMs: oneof(constantFrom(undefined, undefined), ms),
  chained: array(draft, { minLength: 1, maxLength: 2 }),
});

function outcomeOf(walk: Walk, { kind, inMs, holdMs, chained }: Ending): Outcome {
  const error: JobError = { name: 'Error', message: 'the server answered 500', attempt: 1, at: walk.now };
  const runAt = walk.now + inMs;
  switch (kind) {
    case 'chain':
      return { kind: 'complete', enqueue: chained.map((each) => specOf(walk, each)) };
    case 'retry':
      return { kind, runAt, error, ...(holdMs === undefined ? {} : { holdUntil: walk.now + holdMs }) };
    case 'release':
      return { kind, runAt };
    case 'bury':
      return { kind, error };
    default:
      return { kind };
  }
}

/** How an attempt that failed met its target. */
const met: Arbitrary<Met> = record({
  how: constantFrom<Meeting>(
    { kind: 'through' },
    { kind: 'answered', reason: 'status 500' },
    { kind: 'unreached', reason: 'network' },
    { kind: 'unreached', reason: 'network' },
    { kind: 'unreached', reason: 'signed-out', closes: true },
    { kind: 'unreached', reason: 'busy', retryAfterMs: 1_500, closes: true },
  ),
  ageMs: constantFrom(0, 1, 5_000),
  outageMs: constantFrom(1, 1_000, 60_000, 86_400_000),
});

const settlement = record({
  lease: pick,
  ending,
  met: rarely(met, 2),
  twice: constantFrom(false, false, false, true),
  result: sideValue,
  checkpoint: sideValue,
});

/** Of a worker that holds something, and whose servers fail it. */
const failing = record({
  lease: record({ whose: constantFrom<Whose>('own'), nth }),
  ending: ending.map((each): Ending => ({ ...each, kind: 'retry' })),
  met,
  twice: constantFrom(false),
  result: constantFrom(undefined),
  checkpoint: constantFrom(undefined),
});

/** What is asked of the names; absent ones are not asked for. */
const asked: Arbitrary<FeaturedClaim['names']> = oneof(
  { arbitrary: constantFrom(everything(100)), weight: 3 },
  {
    arbitrary: array(record({ name, version: constantFrom(1, 2), slots: nat(3) }), { maxLength: 3 }).map(
      (drawn) => Object.fromEntries(drawn.map(({ name: each, ...rest }) => [each, rest])),
    ),
    weight: 2,
  },
  { arbitrary: integer({ min: 1, max: 3 }).map(limited), weight: 2 },
);

/** Every name, at every version. */
export function everything(slots: number): ClaimRequest['names'] {
  return Object.fromEntries(names.map((each) => [each, { version: 2, slots }]));
}

/** Every name: one of them with a rate, the others with a limit over all workers. */
function limited(maxActive: number): FeaturedClaim['names'] {
  const [rated = ''] = names;
  return Object.fromEntries(
    names.map((each) => [each, { version: 2, slots: 100, ...(each === rated ? { rate } : { maxActive }) }]),
  );
}

const claim: Arbitrary<FeaturedClaim> = record(
  {
    names: asked,
    limit: constantFrom(1, 2, 3, 10),
    leaseMs: constantFrom(500, 5_000, 30_000, 3_600_000),
    idle: boolean(),
    maxActive: constantFrom(1, 4),
    ageing: constantFrom(2, 3),
    asks: watching,
  },
  { requiredKeys: ['names', 'limit', 'leaseMs', 'idle'] },
);

/** Of an eighth of the claims each: handlers at a time, a target held by the worker alone, and that targets may be reached again. */
const ofTargets: Arbitrary<Pick<ClaimRequest, 'slots' | 'few' | 'lift'>> = oneof(
  { arbitrary: constantFrom({}), weight: 5 },
  { arbitrary: constantFrom<{ lift: true }>({ lift: true }), weight: 1 },
  { arbitrary: constantFrom({ slots: 1 }, { slots: 2 }), weight: 1 },
  { arbitrary: constantFrom(...targets, 'job').map((target) => ({ few: { [target]: 0 } })), weight: 1 },
);

interface Exchanged {
  readonly workerId: string;
  readonly settlements: readonly {
    readonly lease: Picked;
    readonly ending: Ending;
    readonly met: Met | undefined;
    readonly twice: boolean;
    readonly result: PayloadName | undefined;
    readonly checkpoint: PayloadName | undefined;
  }[];
  readonly keep: KeepRules | undefined;
  readonly claim: FeaturedClaim | undefined;
  /** What the claim says of targets. */
  readonly ofTargets: Pick<ClaimRequest, 'slots' | 'few' | 'lift'>;
  /** How many of its leases the worker remembers, after an answer that was lost. */
  readonly remembers: number | undefined;
}

function exchangeOf(
  walk: Walk,
  { workerId, settlements, keep, claim: claimed, ofTargets, remembers }: Exchanged,
): RequestOf<'exchange'> {
  const settle = settlements.flatMap(
    ({ lease, ending: end, met: how, twice, result, checkpoint }): Settlement[] => {
      const { id: jobId, fence } = leaseOf(walk, workerId, lease);
      const hasFailed = end.kind === 'retry' || end.kind === 'bury';
      const one = {
        id: jobId,
        fence,
        outcome: withResult(outcomeOf(walk, end), result),
        ...(hasFailed && how !== undefined ? { met: how } : {}),
        ...leaving(checkpoint),
      };
      return twice ? [one, one] : [one];
    },
  );
  const own = walk.state.active.filter((job) => job.lease?.workerId === workerId).map((job) => job.id);
  return {
    workerId,
    settle,
    ...(remembers === undefined ? {} : { held: own.slice(0, remembers) }),
    ...(claimed === undefined ? {} : { claim: { ...claimed, ...ofTargets } }),
    ...(keep === undefined ? {} : { keep }),
  };
}

function withResult(outcome: Outcome, result: PayloadName | undefined): Outcome {
  if (outcome.kind !== 'complete' || result === undefined) return outcome;
  return { ...outcome, result: { value: payload(result) } };
}

const exchange = (
  what: string,
  settlements: { minLength: number; maxLength: number },
  claims: Arbitrary<FeaturedClaim | undefined>,
  each: Arbitrary<Exchanged['settlements'][number]> = settlement,
  byHolder = false,
) =>
  command<Exchanged>(
    what,
    {
      workerId: worker,
      settlements: array(each, { ...settlements, size: 'max' }),
      keep: keepRules,
      claim: claims,
      ofTargets,
      remembers: oneof({ arbitrary: constantFrom(undefined), weight: 9 }, { arbitrary: nat(2), weight: 1 }),
    },
    async (walk, given) => {
      const [held] = byHolder ? walk.state.active : [];
      const { workerId } = held?.lease ?? given;
      const answer = await walk.ask('exchange', exchangeOf(walk, { ...given, workerId }));
      walk.note(workerId, answer?.jobs ?? []);
    },
  );

export const extend = command(
  'extend',
  {
    workerId: worker,
    leases: array(
      record({
        lease: pick,
        progress: oneof(
          { arbitrary: constantFrom(undefined), weight: 2 },
          { arbitrary: payloadName, weight: 1 },
        ),
        checkpoint: sideValue,
      }),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
    leaseMs: constantFrom(500, 5_000, 30_000),
  },
  (walk, { workerId, leases, leaseMs }) =>
    walk.ask('extend', {
      workerId,
      leaseMs,
      leases: leases.map(({ lease, progress, checkpoint }) => {
        const { id: jobId, fence } = leaseOf(walk, workerId, lease);
        return {
          id: jobId,
          fence,
          ...(progress === undefined ? {} : { progress: payload(progress) }),
          ...leaving(checkpoint),
        };
      }),
    }),
);

/** No attempt can leave `undefined`. */
function leaving(checkpoint: PayloadName | undefined): { readonly attach?: Attached } {
  const value = checkpoint === undefined ? undefined : payload(checkpoint);
  return value === undefined ? {} : { attach: Object.fromEntries(attaching().map((name) => [name, value])) };
}

export const claims = exchange('claim', { minLength: 0, maxLength: 0 }, claim);
export const settles = exchange('settle', { minLength: 1, maxLength: 4 }, constantFrom(undefined));
export const settlesAndClaims = exchange('settle and claim', { minLength: 1, maxLength: 4 }, claim);
export const failsAndClaims = exchange(
  'fail and claim',
  { minLength: 1, maxLength: 4 },
  claim,
  failing,
  true,
);
