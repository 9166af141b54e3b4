import type { ClaimedJob, ExchangeAnswer, Meeting, Met } from '../../core/kernel/messages.ts';
import type { Opening } from './opening.ts';
import { complete, failure, retry } from './spec.ts';

export const DAY_MS = 86_400_000;

/** How an attempt that failed met its target: it began 10 ms before, unless it is said otherwise. */
export function met(how: Meeting, more: Partial<Omit<Met, 'how'>> = {}): Met {
  return { how, ageMs: 10, outageMs: DAY_MS, ...more };
}

export const unreached = (more: Partial<Extract<Meeting, { kind: 'unreached' }>> = {}): Met =>
  met({ kind: 'unreached', reason: 'network', ...more });

export const answered: Met = met({ kind: 'answered', reason: 'status 500' });

export interface Failing {
  readonly met?: Met;
  readonly worker?: string;
  readonly probeMaxMs?: number;
}

/** Ends attempts that failed, each with the next one a second later if it counts. */
export function fail(
  opening: Opening,
  now: number,
  jobs: readonly ClaimedJob[],
  { met: how = unreached(), worker = 'worker', probeMaxMs }: Failing = {},
): Promise<ExchangeAnswer> {
  const settle = jobs.map(({ job, fence }) => ({
    id: job.id,
    fence,
    outcome: retry(now + 1_000, failure({ at: now, attempt: job.attempt })),
    met: how,
  }));
  const more = probeMaxMs === undefined ? {} : { probeMaxMs };
  return opening.store.exchange({ queue: opening.queue, workerId: worker, settle, ...more }, now);
}

/** Ends an attempt that got through. */
export function succeed(
  opening: Opening,
  now: number,
  ...jobs: readonly ClaimedJob[]
): Promise<ExchangeAnswer> {
  return opening.exchange(
    now,
    jobs.map((job) => [job, complete()]),
  );
}

/** When the next probe of a target goes, by the store; throws when it is open. */
export async function probeAt(opening: Opening, now: number, target = 'job'): Promise<number> {
  const { closedTargets = [] } = await opening.stats(now);
  const closed = closedTargets.find((one) => one.target === target);
  if (closed === undefined) throw new Error(`target ${target} is open at ${now}`);
  return closed.nextProbeAt;
}

/** The names of the targets that are closed, or tried again. */
export async function closedAt(opening: Opening, now: number): Promise<readonly string[]> {
  return ((await opening.stats(now)).closedTargets ?? []).map(({ target }) => target);
}

/** So much time has passed, and looks agree on it: what is over by then is so for sure. Answers the instant of the last look. */
export async function whenSure(opening: Opening, now: number): Promise<number> {
  await opening.look(now, { names: [] });
  await opening.look(now + SURE_MS, { names: [] });
  return now + SURE_MS;
}

/** How long a clock that jumped forward is in doubt. */
const SURE_MS = 90_000;
