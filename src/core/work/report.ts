import type { Job } from '../kernel/job.ts';
import type { ExchangeAnswer, OutageNews, SettleAnswer } from '../kernel/messages.ts';
import type { Emitter } from '../queue/emitter.ts';
import { type Attempt, freesOthers } from './attempt.ts';

/** How many jobs a worker brought to which end. */
export interface Tally {
  completed: number;
  retried: number;
  released: number;
  dead: number;
  cancelled: number;
}

export const newTally = (): Tally => ({ completed: 0, retried: 0, released: 0, dead: 0, cancelled: 0 });

/** Whether anything came to an end. */
export const hasDone = ({ completed, retried, released, dead, cancelled }: Readonly<Tally>): boolean =>
  completed + retried + released + dead + cancelled > 0;

/** Tells and counts what an exchange came to. `settled`: of those that `ended` in it. */
export function reportAll(
  emitter: Emitter,
  tally: Tally,
  answer: ExchangeAnswer,
  ended: readonly Attempt[],
  settled: readonly SettleAnswer[],
): void {
  ended.forEach((one, i) => {
    report(emitter, tally, one, settled[i] ?? 'stale', answer.outage);
  });
  if (answer.outage !== undefined) reportTargets(emitter, answer.outage);
  reportFallen(emitter, tally, answer);
}

/** Whether it may let a job go that this worker does not take along, or must stop one. */
export const frees = (
  { buried, freed, wentOn, outage }: ExchangeAnswer,
  ended: readonly Attempt[],
): boolean =>
  ended.some(freesOthers) ||
  buried !== undefined ||
  freed === true ||
  wentOn === true ||
  outage !== undefined;

/** Tells and counts jobs that ended without having been claimed. */
function reportFallen(
  emitter: Emitter,
  tally: Tally,
  { buried = [], cancelled = [] }: Pick<ExchangeAnswer, 'buried' | 'cancelled'>,
): void {
  for (const job of buried) reportBuried(emitter, tally, job);
  for (const id of cancelled) {
    tally.cancelled += 1;
    emitter.emit('job:cancelled', { id });
  }
}

function reportBuried(emitter: Emitter, tally: Tally, job: Job): void {
  const error = job.errors.at(-1);
  tally.dead += 1;
  if (error !== undefined) emitter.emit('job:dead', { job, error });
}

/** Tells and counts an outcome, now that the store has answered. */
function report(
  emitter: Emitter,
  tally: Tally,
  { claimed, outcome, result, repeated }: Attempt,
  answer: SettleAnswer,
  news?: OutageNews,
): void {
  const { job } = claimed;
  if (answer === 'stale') {
    // A repeated settlement that is stale has perhaps arrived the first time: nobody knows, so nothing is told.
    if (!repeated) emitter.emit('job:stale', { job });
    return;
  }
  if (answer === 'cancelled') {
    tally.cancelled += 1;
    emitter.emit('job:cancelled', { id: job.id });
    return;
  }
  if ((answer === 'spared' || answer === 'expired') && 'error' in outcome) {
    const { error } = outcome;
    tally[answer === 'spared' ? 'retried' : 'dead'] += 1;
    if (answer === 'expired') emitter.emit('job:dead', { job, error });
    else
      emitter.emit('job:retried', { job, error, runAt: news?.spared[job.id] ?? job.runAt, counted: false });
    return;
  }
  switch (outcome.kind) {
    case 'complete':
      tally.completed += 1;
      emitter.emit('job:completed', { job, result });
      for (const { id, name } of outcome.enqueue ?? []) emitter.emit('job:enqueued', { id, name });
      return;
    case 'retry':
      tally.retried += 1;
      emitter.emit('job:retried', { job, error: outcome.error, runAt: outcome.runAt });
      return;
    case 'release':
      tally.released += 1;
      emitter.emit('job:released', { job, runAt: outcome.runAt });
      return;
    case 'unbegun':
      tally.released += 1;
      emitter.emit('job:released', { job, runAt: job.runAt });
      return;
    case 'bury':
      tally.dead += 1;
      emitter.emit('job:dead', { job, error: outcome.error });
      return;
    case 'cancelled':
      tally.cancelled += 1;
      emitter.emit('job:cancelled', { id: job.id });
      return;
  }
}

/** Tells of targets that nobody gets through to any more, and of those that are back. */
function reportTargets(emitter: Emitter, { closed, opened }: OutageNews): void {
  for (const target of closed) emitter.emit('target:closed', target);
  for (const target of opened) emitter.emit('target:opened', { target });
}
