import type { RedriveAnswer, RedriveRequest } from '../kernel/messages.ts';
import { redrive as redriveJobs } from '../kernel/steer.ts';
import type { Handle } from '../queue/context.ts';
import type { Definitions, PayloadOf } from '../queue/definitions.ts';
import { checkBoolean, checkKnown, checkOneOf } from '../queue/options.ts';
import type { Queue } from '../queue/queue.ts';
import { callable, type PublicOperation } from '../queue/queue-operation.ts';
import { checkIds } from './check-ids.ts';
import { counting } from './count.ts';
import { CHUNK, type DeadFilter, type SweepOptions, sweepDead } from './dead-letters.ts';
import { getting } from './get.ts';
import { listing } from './list.ts';
import { admitPayloadEdit, checkPayloadEdit, payloadEdit } from './payload-edit.ts';

export const redriving: PublicOperation<RedriveRequest, readonly RedriveAnswer[]> = {
  name: 'redrive',
  kind: 'drainer',
  check(given) {
    const known = ['ids', 'edit', 'alone'];
    const { ids, edit, alone } = checkKnown('arguments', given as RedriveRequest, known);
    return {
      ids: checkIds(ids),
      ...(edit !== undefined && { edit: checkPayloadEdit(edit) }),
      ...(alone !== undefined && { alone: checkBoolean('alone', alone) }),
    };
  },
  rule: (request, codec) => redriveJobs(codec, request),
  stays: ['edit.sealed'],
  admit: admitPayloadEdit,
  hint: () => 'work',
};

export interface RedriveOptions {
  /** Replaces the job's payload. */
  readonly payload?: unknown;
  /** `run`: the job runs without those it depends on that are dead or gone. Default: it stays dead (`blocked`) while one of them is. */
  readonly onDependencyDeath?: 'run';
}

/**
 * Runs a dead job again: due at once, with its counters and errors reset, under its id and in its place in its lane. A `payload` replaces
 * the job's: it is checked as enqueue checks it (UnknownJobError, PayloadError: then the job stays as it is), has the
 * definition's version, and the job's checkpoint is deleted. A job that cannot be read stays dead (`unreadable`) unless you give a payload. Limits of the
 * queue do not refuse it. A newer edit that was accepted with its key wins: then the job stays dead (`duplicate`). A job that depends on others waits for
 * them again, and jobs that died of it come back with it. While one that it depends on is dead, or gone without having completed, it stays dead
 * (`blocked`), except with `onDependencyDeath: 'run'`.
 *
 * @example
 * await redrive(queue, id);
 * await redrive(queue, id, { payload: { ...job.payload, email: corrected } });
 *
 * @throws InvalidOptionError, UnknownJobError, PayloadError; StoreError, StoreClosedError
 */
export const redrive = /* @__PURE__ */ callable(
  [getting, redriving],
  async <Jobs extends Definitions>(
    queue: Queue<Jobs>,
    id: string,
    options: RedriveOptions & { readonly payload?: PayloadOf<Jobs[keyof Jobs]> } = {},
  ): Promise<RedriveAnswer> => {
    const { payload, onDependencyDeath } = checkKnown('redrive options', options as RedriveOptions, [
      'payload',
      'onDependencyDeath',
    ]);
    const alone = onDependencyDeath !== undefined && {
      alone: checkOneOf('onDependencyDeath', onDependencyDeath, ['run']) === 'run',
    };
    const edit = payload === undefined ? undefined : await payloadEdit(queue, id, payload);
    if (payload !== undefined && edit === undefined) return 'unknown';
    const [answer] = await queue.call(redriving, { ids: [id], ...alone, ...(edit && { edit }) });
    return answer as RedriveAnswer;
  },
);

/** How many. Jobs that another call took meanwhile, and jobs that only came along with others, are not counted. */
export type RedrivenMany = Readonly<Record<'redriven' | 'duplicate' | 'unreadable' | 'blocked', number>>;

/**
 * Redrives the jobs that match among those that are dead when it begins (default: all), up to 100 a transaction, flows in their order.
 *
 * @example
 * const { redriven } = await redriveMany(queue, { errorName: 'ServerError' });
 *
 * @throws InvalidOptionError; StoreError, StoreClosedError; the reason of the signal: what was done stays done
 */
export const redriveMany = /* @__PURE__ */ callable(
  [counting, listing, redriving],
  async (queue: Handle, filter: DeadFilter = {}, options: SweepOptions = {}): Promise<RedrivenMany> => {
    const counts = { redriven: 0, duplicate: 0, unreadable: 0 };
    let blocked: string[] = [];
    const redriveThose = async (ids: readonly string[]) => {
      for (const [i, answer] of (await queue.call(redriving, { ids })).entries())
        if (answer === 'blocked') blocked.push(ids[i] as string);
        else if (answer !== 'unknown' && answer !== 'not-dead') counts[answer] += 1;
    };
    await sweepDead(queue, filter, options, redriveThose);
    // What they wait for may have come later, or have brought them along.
    for (let left = blocked.length + 1; blocked.length > 0 && blocked.length < left; ) {
      const again = blocked;
      [left, blocked] = [again.length, []];
      for (let from = 0; from < again.length; from += CHUNK) {
        options.signal?.throwIfAborted();
        await redriveThose(again.slice(from, from + CHUNK));
      }
    }
    return { ...counts, blocked: blocked.length };
  },
);
