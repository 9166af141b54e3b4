import { type Arbitrary, array, constantFrom, integer, nat, oneof, record } from 'fast-check';
import type { OnDependencyDeath } from '../../core/features/flows/options.ts';
import type { KeyOptions } from '../../core/features/keys/key-options.ts';
import type { Keep, KeepRules } from '../../core/features/results/keep-rules.ts';
import type { Backoff } from '../../core/kernel/job.ts';

/** The instant at which every walk begins. */
export const START = 1_750_000_000_000;

/** Few of each, so that walks meet themselves; some begin as others do, and some do not sort alike in UTF-8 and UTF-16. */
export const ids: readonly string[] = Array.from('abcdefghijkl');
export const names: readonly string[] = ['job', 'job2', '\u{1f600}', '\uff5e'];
export const lanes: readonly string[] = ['doc', 'doc 2', '\u{1f600}'];
export const keys: readonly string[] = ['key', 'key 2'];
export const targets: readonly string[] = ['host', '\u{1f600}'];
export const workers: readonly string[] = ['w1', 'w2', 'w10'];
export const batches: readonly string[] = ['batch', '\u{1f600}'];

/** The same few durations for delays, leases and steps of the clock, so that instants coincide. */
const durations: readonly number[] = [0, 1, 500, 1_000, 1_500, 5_000, 30_000, 60_000];
const steps: readonly number[] = [1_999, 2_000, 2_001, 90_000, 3_600_000];
const backwards: readonly number[] = [-1, -500, -1_500, -2_000, -2_001, -5_000, -40_000, -3_600_000];

export const ms: Arbitrary<number> = constantFrom(...durations);

/** How the clock moves between two operations: mostly little, sometimes back. */
export const passing: Arbitrary<number> = oneof(
  { arbitrary: constantFrom(0, 1), weight: 8 },
  { arbitrary: constantFrom(...durations), weight: 8 },
  { arbitrary: constantFrom(...steps), weight: 2 },
  { arbitrary: constantFrom(...backwards), weight: 2 },
);

/** Payloads by what shows them in a counterexample. The last ones no store may take. */
const payloads = {
  null: () => null,
  text: () => 'a text',
  object: () => ({ id: 7, tags: ['a', 'b'] }),
  long: () => 'x'.repeat(100),
  undefined: () => undefined,
  numbers: () => [Number.NaN, -0, Number.POSITIVE_INFINITY, 7n],
  map: () => new Map([['a', new Set([new Date(5)])]]),
  bytes: () => new Uint8Array([1, 2, 3]),
  function: () => () => undefined,
} satisfies Record<string, () => unknown>;
export type PayloadName = keyof typeof payloads;

/** A fresh one each time: nothing is shared between the stores. */
export const payload = (name: PayloadName): unknown => payloads[name]();

const good: readonly PayloadName[] = [
  'null',
  'text',
  'object',
  'long',
  'undefined',
  'numbers',
  'map',
  'bytes',
];
export const payloadName: Arbitrary<PayloadName> = oneof(
  { arbitrary: constantFrom(...good), weight: 60 },
  { arbitrary: constantFrom<PayloadName>('function'), weight: 1 },
);

/** A job to enqueue, but for what only its moment can tell. */
export interface Draft {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly priority: number;
  readonly payload: PayloadName;
  /** The id is said to be known although nobody used it. */
  readonly doubted: boolean;
  readonly delayMs: number | undefined;
  /** `runAt` from now; may be past. */
  readonly runInMs: number | undefined;
  readonly lane: string | undefined;
  /** Of a job with a lane. */
  readonly halts: boolean;
  readonly rateKey: string | undefined;
  readonly target: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly onDuplicate: KeyOptions['onDuplicate'] | undefined;
  readonly keyForMs: number | undefined;
  readonly maxWaitMs: number | undefined;
  readonly maxAgeMs: number | undefined;
  readonly dedupeMs: number | undefined;
  readonly keepResultMs: number | undefined;
  readonly maxAttempts: number | undefined;
  readonly maxCrashes: number | undefined;
  readonly backoff: Backoff | undefined;
  readonly timeoutMs: number | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly tags: readonly string[] | undefined;
  /** What it waits for: jobs that are there, by their place among them, or whatever has that place among the ids. */
  readonly behind: readonly { readonly nth: number; readonly anywhere: boolean }[] | undefined;
  readonly onDependencyDeath: OnDependencyDeath | undefined;
  /** That it counts in, if that takes jobs. */
  readonly batch: string | undefined;
}

/** Drawn one time in so many, absent otherwise. */
export function rarely<T>(arbitrary: Arbitrary<T>, oneIn: number): Arbitrary<T | undefined> {
  return oneof({ arbitrary: constantFrom(undefined), weight: oneIn - 1 }, { arbitrary, weight: 1 });
}

const backoff: Backoff = { kind: 'linear', initialMs: 1_000, stepMs: 500, maxMs: 5_000, jitter: 'full' };

export const draft: Arbitrary<Draft> = record({
  id: constantFrom(...ids),
  name: constantFrom(...names),
  version: constantFrom(1, 1, 1, 2),
  priority: constantFrom(0, 0, 0, 1, -1, 100, -100),
  payload: payloadName,
  doubted: constantFrom(false, true),
  delayMs: rarely(ms, 3),
  runInMs: rarely(oneof(ms, constantFrom(-1, -5_000)), 6),
  lane: rarely(constantFrom(...lanes), 3),
  halts: constantFrom(false, false, true),
  rateKey: rarely(constantFrom(...keys), 4),
  target: rarely(constantFrom(...targets), 2),
  idempotencyKey: rarely(constantFrom(...keys), 3),
  onDuplicate: rarely(
    constantFrom<Draft['onDuplicate']>('keep', 'replace', 'debounce', 'throttle', 'restart', 'debounce'),
    2,
  ),
  keyForMs: rarely(constantFrom(1, 1_000, 30_000), 3),
  maxWaitMs: rarely(ms, 4),
  maxAgeMs: rarely(constantFrom(1, 1_000, 30_000, 3_600_000), 6),
  dedupeMs: rarely(ms, 3),
  keepResultMs: rarely(ms, 4),
  maxAttempts: rarely(integer({ min: 1, max: 3 }), 5),
  maxCrashes: rarely(integer({ min: 1, max: 3 }), 3),
  backoff: rarely(constantFrom(backoff), 8),
  timeoutMs: rarely(ms, 8),
  headers: rarely(constantFrom({ traceparent: '00-a', '\u{1f600}': '' }, {}), 8),
  tags: rarely(constantFrom(['a', 'b'], ['\u{1f600}'], []), 8),
  behind: rarely(
    array(record({ nth: nat(11), anywhere: constantFrom(false, false, false, true) }), {
      minLength: 1,
      maxLength: 3,
    }),
    4,
  ),
  onDependencyDeath: rarely(constantFrom<OnDependencyDeath>('bury', 'cancel', 'run'), 2),
  batch: rarely(constantFrom(...batches), 3),
});

const keeps: readonly Keep[] = [{ count: 1 }, { ageMs: 1_000 }, { count: 2, ageMs: 5_000 }];

/** By which rules ended jobs stay. */
export const keepRules: Arbitrary<KeepRules | undefined> = rarely(
  record({ completed: constantFrom(...keeps), dead: constantFrom(...keeps) }, { requiredKeys: [] }),
  2,
);

/** What may be stored beside a job, or not at all. */
export const sideValue: Arbitrary<PayloadName | undefined> = rarely(payloadName, 3);

/** A draft with nothing that sets it apart. */
export function plain(id: string): Draft {
  return {
    id,
    name: 'job',
    version: 1,
    priority: 0,
    payload: 'object',
    doubted: false,
    delayMs: undefined,
    runInMs: undefined,
    lane: undefined,
    halts: false,
    rateKey: undefined,
    target: undefined,
    idempotencyKey: undefined,
    onDuplicate: undefined,
    keyForMs: undefined,
    maxWaitMs: undefined,
    maxAgeMs: undefined,
    dedupeMs: undefined,
    keepResultMs: undefined,
    maxAttempts: undefined,
    maxCrashes: undefined,
    backoff: undefined,
    timeoutMs: undefined,
    headers: undefined,
    tags: undefined,
    behind: undefined,
    onDependencyDeath: undefined,
    batch: undefined,
  };
}

/** An index into a list whose length only the moment tells. */
export const nth: Arbitrary<number> = nat(11);
export const worker: Arbitrary<string> = constantFrom(...workers);
export const name: Arbitrary<string> = constantFrom(...names);
export const id: Arbitrary<string> = constantFrom(...ids);
