import { InvalidOptionError, quote } from '../kernel/errors.ts';
import type { Hooks } from '../kernel/features.ts';
import type { JobTypes } from '../kernel/job.ts';
import type { Operation } from '../kernel/operation.ts';
import { subStream } from '../kernel/stream-name.ts';
import type { Around } from './around.ts';
import { type Definitions, definitionOf, type JobDefinition, type PayloadOf } from './definitions.ts';
import type { Check } from './job-options.ts';
import { NEEDED_DEFINED } from './needed.ts';
import { checkList } from './options.ts';
import type { Attempt, WorkerHooks, WorkerHost } from './worker-hooks.ts';

/** What a queue can do beyond the kernel: made by a function of the package, say `log({ size: 100 })`, and given to `use`. */
export interface Feature<
  Options extends object = object,
  Names extends string = AnyJobs,
  Payloads extends object = AnyJobs,
> extends Hooks {
  /** As rows name it. */
  readonly name: string;
  /** Its place among the others: see `features/order.ts`. */
  readonly order: number;
  /** The queue's jobs are a stream of their own, which has this beside the queue's name. */
  readonly stream?: string;
  /** What an enqueue may say with it, each with its check: what that keeps is in the job's spec, under the same name. */
  readonly options?: Readonly<Record<string, Check<unknown>>>;
  /** Whether checked options go together. Throws InvalidOptionError. */
  together?(given: object): void;
  /** What it makes of its options in the spec of a job that is about to be stored. */
  specify?(spec: Record<string, unknown>): void;
  /** What comes over a border with a job, where that is not what its enqueue was given. */
  readonly sent?: Readonly<Record<string, Check<unknown>>>;
  /** Of these, what the jobs of a schedule cannot have. */
  readonly unscheduled?: readonly string[];
  /** By which fields of their specs jobs have to lie together, where the queue lies in several objects. */
  readonly lies?: Lies;
  readonly around?: Around;
  /** The options of definitions that mean nothing without it. */
  readonly reads?: readonly (keyof JobDefinition)[];
  /**
   * Looks at a payload that is to be stored, as a copy. Throws, or rejects with, what refuses it; undefined: it has nothing against it.
   */
  admits?(name: string, definition: JobDefinition, payload: unknown): Promise<void> | undefined;
  /** The jobs that its settings name. */
  readonly names?: readonly string[];
  /** What it does in a worker: asked once for each. */
  worker?(host: WorkerHost): WorkerHooks;
  /** What handlers are given more, each part made when it is asked for. */
  readonly context?: Readonly<Record<string, (attempt: Attempt) => unknown>>;
  /** Never there: it carries the types of the options. */
  readonly '~options'?: Options;
  /** Never there: it carries the names of the jobs that its settings name. */
  readonly '~names'?: Names;
  /** Never there: it carries the types of the payloads that its settings give to jobs. */
  readonly '~payloads'?: Payloads;
}

export interface Lies {
  /** Jobs of the same call, as the keys of a record: with these. */
  readonly beside: string;
  /** The id of what is stored, and how to look for it: with that. */
  readonly at: string;
  readonly look: Operation<{ readonly id: string }, unknown>;
}

// biome-ignore lint/suspicious/noExplicitAny: what only the run knows goes with the jobs of any queue.
type AnyJobs = any;

/** What a queue of these jobs may use: features whose settings name no other jobs, and give them their payloads. */
export type FeatureFor<Jobs extends Definitions> = Feature<
  object,
  keyof Jobs & string,
  { readonly [Name in keyof Jobs]?: Given<PayloadOf<Jobs[Name]>> }
>;

/** As it may be written down: what is only read may be read-only. */
export type Given<Payload> = unknown extends Payload
  ? unknown
  : { readonly [Part in keyof Payload]: Given<Payload[Part]> };

/** Names in settings; none, where only the run knows which. */
export type NamesIn<Name extends string> = string extends Name ? never : Name;

/** The options that an enqueue takes by these features, beside the kernel's. */
export type OptionsOf<Use extends readonly Feature[]> = [Taken<Use[number]>] extends [
  (options: infer Options extends object) => void,
]
  ? Options
  : object;

declare const GIVES: unique symbol;

/** Among the options of a feature: what handlers are given more with it. For the types alone. */
export interface Gives<Given extends Giving> {
  readonly [GIVES]?: Given;
}

/** What a feature gives to handlers, as a function of the types of their job: `context` is made of `this['types']`. */
export interface Giving {
  readonly types: JobTypes;
  readonly context: unknown;
}

/** What handlers are given more by the features that these are the options of. */
export type GivenBy<Options, Types extends JobTypes = JobTypes> =
  Options extends Gives<infer Given extends Giving>
    ? (Given & { readonly types: Types })['context']
    : unknown;

/** One function for each: what all of them take is all their options. */
type Taken<Use> = Use extends { readonly '~options'?: infer Options }
  ? (options: Options & object) => void
  : never;

/** The queue as its store knows it. */
export const streamOf = (name: string, use: readonly Feature[]): string =>
  use.reduce((all, { stream }) => (stream === undefined ? all : subStream(all, stream)), name);

/** What to say of an option whose feature is not in use. */
export const unused = (option: string, given: unknown, feature: string): InvalidOptionError =>
  new InvalidOptionError(option, given, `nothing, as the queue has no use: [${feature}]`);

const MAX_FEATURES = 100;

/** Those of `use`, in their order. Throws InvalidOptionError. */
export function checkUse(use: readonly Feature[] = []): readonly Feature[] {
  const features = checkList('use', use, MAX_FEATURES) as readonly Feature[];
  const names = new Set<string>();
  for (const [i, feature] of features.entries()) {
    const { name, order }: Partial<Feature> = Object(feature);
    if (typeof name !== 'string' || typeof order !== 'number')
      throw new InvalidOptionError(`use[${i}]`, feature, 'a feature, such as log({ size: 100 })');
    if (names.has(name)) throw new InvalidOptionError(`use[${i}]`, name, 'each feature once');
    names.add(name);
  }
  return [...features].sort((a, b) => a.order - b.order);
}

/**
 * Whether features and definitions go together. Throws UnknownJobError for a name in the settings of a feature that the queue has no job of, and
 * InvalidOptionError for an option of a definition whose feature is not in use.
 */
export function checkJobs(use: readonly Feature[], jobs: Definitions): void {
  for (const { names = [] } of use) for (const name of names) definitionOf(jobs, name);
  for (const [name, definition] of Object.entries(jobs))
    for (const [key, feature] of Object.entries(NEEDED_DEFINED)) {
      const option = key as keyof JobDefinition;
      if (definition[option] !== undefined && !use.some(({ reads }) => reads?.includes(option)))
        throw unused(`${option} of job ${quote(name)}`, definition[option], feature);
    }
}
