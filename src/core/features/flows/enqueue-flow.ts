import { InvalidOptionError } from '../../kernel/errors.ts';
import type { EnqueueAnswer } from '../../kernel/messages.ts';
import { enqueueing } from '../../operations/enqueue-many.ts';
import type { Wanted } from '../../queue/around.ts';
import type { CheckedJob } from '../../queue/checked-job.ts';
import { contextOf } from '../../queue/context.ts';
import type { Definitions, ResultOf, TypesOf } from '../../queue/definitions.ts';
import type { Enqueued, EnqueueItem } from '../../queue/enqueue-item.ts';
import { toItem } from '../../queue/enqueue-items.ts';
import type { EnqueueOptions } from '../../queue/enqueue-options.ts';
import { checkText, reading } from '../../queue/options.ts';
import type { Queue } from '../../queue/queue.ts';
import { callable } from '../../queue/queue-operation.ts';
import { checkDependsOn, checkUsed, type FlowOptions, type FlowSpec } from './options.ts';

/** A job of a flow. `dependsOn` names other steps. */
export type FlowStep<Jobs extends Definitions, Options extends object = object> = EnqueueItem<
  Jobs,
  Options
> & {
  readonly dependsOn?: string | readonly string[];
};

/** Jobs that wait for each other, by the names of their steps. At most 1,000. */
export type Flow<Jobs extends Definitions, Options extends object = object> = Readonly<
  Record<string, FlowStep<Jobs, Options>>
>;

/** Steps wait for other steps, and those return what the definitions expect of them. */
type Tied<Jobs extends Definitions, Steps> = {
  readonly [Step in keyof Steps]: {
    readonly dependsOn?: Others<Steps, Step> | readonly Others<Steps, Step>[];
  } & Brought<Otherwise<Jobs, Steps, TypesOf<Jobs[NameOf<Jobs, Steps[Step]>]>['results']>>;
};
type Others<Steps, Step> = string extends keyof Steps ? string : Exclude<keyof Steps & string, Step>;
type NameOf<Jobs, Step> = Step extends { readonly name: infer Name extends keyof Jobs } ? Name : never;

/** Steps that return something else than is expected of them. */
type Otherwise<Jobs extends Definitions, Steps, Results> = string extends keyof Results
  ? never
  : {
      [Step in keyof Results & keyof Steps & string]: [ResultOf<Jobs[NameOf<Jobs, Steps[Step]>]>] extends [
        Results[Step],
      ]
        ? never
        : Step;
    }[keyof Results & keyof Steps & string];
type Brought<Other extends string> = [Other] extends [never]
  ? unknown
  : { readonly dependsOn: `${Other} returns another type than the definition expects in results` };

/** By the names of the steps. */
export type FlowAnswer<Steps> = {
  readonly [Step in keyof Steps]: Steps[Step] extends { readonly name: infer Name extends string }
    ? Enqueued<Name>
    : EnqueueAnswer;
};

interface Step extends Wanted {
  readonly dependsOn: readonly string[];
}

/** The steps of a flow, each read once, with what ties them together. */
class FlowSteps {
  readonly names: readonly string[];
  readonly items: readonly Step[];

  constructor(flow: Flow<Definitions>) {
    if (typeof flow !== 'object' || flow === null)
      throw new InvalidOptionError('flow', flow, 'an object of steps: { first: { name, payload }, … }');
    const steps = reading('flow', flow, () => Object.entries(flow));
    this.names = steps.map(([step]) => checkText('step', step));
    this.items = steps.map(([step, item]) => readStep(step, item));
    for (const [i, { dependsOn }] of this.items.entries())
      for (const other of dependsOn)
        if (!this.names.includes(other))
          throw new InvalidOptionError(
            `flow[${JSON.stringify(this.names[i])}].dependsOn`,
            other,
            `names of steps: ${this.names.join(', ')}`,
          );
  }

  /** The checked jobs of the items, each with the ids of those that it waits for. */
  tie = (jobs: readonly CheckedJob[]): CheckedJob[] => {
    const ids = new Map(this.names.map((step, i) => [step, jobs[i]?.spec.id ?? '']));
    return jobs.map((job, i) => {
      const dependsOn = this.items[i]?.dependsOn ?? [];
      if (dependsOn.length === 0) return job;
      const labels = Object.fromEntries(dependsOn.map((step) => [ids.get(step) as string, step]));
      const spec: FlowSpec = { ...job.spec, dependsOn: labels };
      return { ...job, spec };
    });
  };

  answers(answers: readonly EnqueueAnswer[]): Record<string, EnqueueAnswer> {
    return Object.fromEntries(this.names.map((step, i) => [step, answers[i] as EnqueueAnswer]));
  }
}

function readStep(step: string, item: FlowStep<Definitions>): Step {
  const what = `flow[${JSON.stringify(step)}]`;
  const { options: given, ...job } = toItem(what, item);
  const { dependsOn, ...options }: EnqueueOptions & FlowOptions = given;
  const known = dependsOn === undefined ? [] : checkDependsOn(`${what}.dependsOn`, dependsOn);
  return { ...job, options, dependsOn: known };
}

/**
 * Enqueues jobs that wait for each other, all of them or none. `dependsOn` names other steps, and a step's handler finds what those returned in
 * `job.results`, by their names. At most 1,000 steps; each waits for at most 100. A circle of steps is refused.
 *
 * @example
 * await enqueueFlow(queue, {
 *   photo: { name: 'photo.push', payload: photo },
 *   note: { name: 'note.push', payload: note, dependsOn: 'photo' },
 * });
 *
 * @throws as `enqueue` does: then nothing was stored
 */
export const enqueueFlow = /* @__PURE__ */ callable(
  [enqueueing],
  async <Jobs extends Definitions, const Steps extends Flow<Jobs, Options>, Options extends object = object>(
    queue: Queue<Jobs, Options>,
    flow: Steps & Tied<Jobs, Steps>,
  ): Promise<FlowAnswer<Steps>> => {
    checkUsed('enqueueFlow', contextOf(queue));
    const steps = new FlowSteps(flow as unknown as Flow<Definitions>);
    return steps.answers(await contextOf(queue).intake.enqueue(steps.items, steps.tie)) as FlowAnswer<Steps>;
  },
);
