import type { Ran } from '../../kernel/features.ts';
import type {
  CancelAnswer,
  EditAnswer,
  EnqueueAnswer,
  EnqueueRequest,
  ExchangeAnswer,
  ExchangeRequest,
  Outcome,
  ReclaimAnswer,
  RedriveAnswer,
  RemoveAnswer,
  SelectRequest,
} from '../../kernel/messages.ts';
import type { Transition } from './messages.ts';

/** What an operation changed, told from what was asked and answered. */
function ofEnqueue({ jobs }: EnqueueRequest, answers: readonly EnqueueAnswer[]): Transition[] {
  return answers.flatMap(({ id, status, dropped = [] }, i): Transition[] => [
    ...dropped.map((job): Transition => ({ id: job.id, to: 'dropped', name: job.name })),
    ...(status === 'duplicate' ? [] : [{ id, to: status, ...nameOf(jobs[i]) }]),
  ]);
}

const nameOf = (job: { readonly name: string } | undefined) => (job === undefined ? {} : { name: job.name });

function ofExchange(
  { settle, workerId }: ExchangeRequest,
  { settled, jobs, buried = [], cancelled = [] }: ExchangeAnswer,
): Transition[] {
  return [
    ...settle.flatMap(({ id, outcome }, i): Transition[] => {
      const answer = settled[i];
      if (answer === 'cancelled') return [{ id, to: 'cancelled', workerId }];
      if ((answer === 'spared' || answer === 'expired') && 'error' in outcome) {
        const { message } = outcome.error;
        return answer === 'expired'
          ? [dead(id, message, workerId)]
          : [{ id, to: 'retried', workerId, error: short(message) }];
      }
      return answer === 'settled' ? ofOutcome(id, outcome, workerId) : [];
    }),
    ...cancelled.map((id): Transition => ({ id, to: 'cancelled', workerId })),
    ...buried.map((job): Transition => dead(job.id, job.errors.at(-1)?.message ?? '', workerId, job.name)),
    ...jobs.map(
      ({ job }): Transition => ({
        id: job.id,
        to: 'claimed',
        name: job.name,
        workerId,
        attempt: job.attempt,
      }),
    ),
  ];
}

function ofOutcome(id: string, outcome: Outcome, workerId: string): Transition[] {
  switch (outcome.kind) {
    case 'complete':
      return [
        { id, to: 'completed', workerId },
        ...(outcome.enqueue ?? []).map((job): Transition => ({ id: job.id, to: 'enqueued', name: job.name })),
      ];
    case 'retry':
      return [{ id, to: 'retried', workerId, error: short(outcome.error.message) }];
    case 'release':
    case 'unbegun':
      return [{ id, to: 'released', workerId }];
    case 'bury':
      return [dead(id, outcome.error.message, workerId)];
    case 'cancelled':
      return [{ id, to: 'cancelled', workerId }];
  }
}

function dead(id: string, message: string, workerId: string, name?: string): Transition {
  return { id, to: 'dead', workerId, error: short(message), ...(name === undefined ? {} : { name }) };
}

/** A log of many is read as a list: the whole error is with the job. */
const short = (message: string): string => message.slice(0, 200);

function ofReclaim(_: unknown, { reclaimed, dead: died, cancelled }: ReclaimAnswer): Transition[] {
  return [
    ...reclaimed.map((id): Transition => ({ id, to: 'reclaimed' })),
    ...died.map((id): Transition => ({ id, to: 'dead' })),
    ...cancelled.map((id): Transition => ({ id, to: 'cancelled' })),
  ];
}

/** Those ids whose answer says that something was done. */
const ofIds = (
  { ids }: SelectRequest,
  answers: readonly (CancelAnswer | EditAnswer | RedriveAnswer | RemoveAnswer)[],
): Transition[] =>
  answers.flatMap((answer, i): Transition[] => {
    const id = ids[i] as string;
    return answer === 'cancelled' || answer === 'redriven' || answer === 'removed' || answer === 'edited'
      ? [{ id, to: answer }]
      : [];
  });

/** By the operation's name. */
const TRANSITIONS: Readonly<Record<string, (args: never, answer: never) => readonly Transition[]>> = {
  enqueue: ofEnqueue,
  exchange: ofExchange,
  reclaim: ofReclaim,
  cancel: ofIds,
  redrive: ofIds,
  remove: ofIds,
  edit: ofIds,
};

/** What an operation has changed. */
export function transitionsOf({ name, args, answer }: Ran): readonly Transition[] {
  return Object.hasOwn(TRANSITIONS, name) ? (TRANSITIONS[name]?.(args as never, answer as never) ?? []) : [];
}
