import { edit as editJobs } from '../kernel/edit.ts';
import { InvalidOptionError } from '../kernel/errors.ts';
import type { Priority } from '../kernel/job.ts';
import type { EditAnswer, EditRequest } from '../kernel/messages.ts';
import type { Definitions, PayloadOf } from '../queue/definitions.ts';
import { checkInstant, checkKnown, checkMs, checkPriority } from '../queue/options.ts';
import type { Queue } from '../queue/queue.ts';
import { callable, type PublicOperation } from '../queue/queue-operation.ts';
import { checkIds } from './check-ids.ts';
import { getting } from './get.ts';
import { admitPayloadEdit, checkPayloadEdit, payloadEdit } from './payload-edit.ts';

/** What to change; at least one of them. */
export interface EditOptions<Payload = unknown> {
  /** Replaces the job's payload. */
  readonly payload?: Payload;
  /** Greater runs first: -100…100, or `high` 10, `normal` 0, `low` -10. */
  readonly priority?: Priority;
  /** Not before this instant (epoch ms, or a Date). Not together with `delayMs`. */
  readonly runAt?: Date | number;
  /** Not before this many ms from now. 0: now. */
  readonly delayMs?: number;
}

const CHANGES = ['priority', 'runAt', 'delayMs'] as const;

export const editing: PublicOperation<EditRequest, readonly EditAnswer[]> = {
  name: 'edit',
  kind: 'drainer',
  check(given) {
    const known = ['ids', 'edit', ...CHANGES];
    const { ids, edit, priority, runAt, delayMs } = checkKnown('arguments', given as EditRequest, known);
    if (runAt !== undefined && delayMs !== undefined)
      throw new InvalidOptionError('delayMs', delayMs, 'nothing, as runAt is given too');
    const request = {
      ids: checkIds(ids),
      ...(edit !== undefined && { edit: checkPayloadEdit(edit) }),
      ...(priority !== undefined && { priority: checkPriority('priority', priority) }),
      ...(runAt !== undefined && { runAt: checkInstant('runAt', runAt) }),
      ...(delayMs !== undefined && { delayMs: checkMs('delayMs', delayMs) }),
    };
    if (Object.keys(request).length > 1) return request;
    throw new InvalidOptionError('changes', {}, 'at least one of payload, priority, runAt, delayMs');
  },
  rule: (request, codec) => editJobs(codec, request),
  instants: { args: ['runAt'] },
  stays: ['edit.sealed'],
  admit: admitPayloadEdit,
  hint: () => 'work',
};

/**
 * Changes a job that waits: its payload, its priority, its time. Its id, its lane, its place in it, its key and its failures stay. A payload is checked
 * as enqueue checks it (UnknownJobError, PayloadError: then the job stays as it is) and is of the definition's version, and the job's checkpoint goes. No
 * limit of the queue refuses it. To edit a dead job and run it, call `redrive` with a payload.
 *
 * @example
 * await edit(queue, id, { priority: 'high', delayMs: 0 });
 * await edit(queue, id, { payload: { ...job.payload, email: corrected } });
 *
 * @returns `edited`; or why it stays as it is: `running` (claimed by a worker), `finished`, `unreadable`, `needs-feature`, `unknown`
 * @throws InvalidOptionError, UnknownJobError, PayloadError; StoreError, StoreClosedError
 */
export const edit = /* @__PURE__ */ callable(
  [getting, editing],
  async <Jobs extends Definitions>(
    queue: Queue<Jobs>,
    id: string,
    changes: EditOptions<PayloadOf<Jobs[keyof Jobs]>>,
  ): Promise<EditAnswer> => {
    const { payload, ...rest } = checkKnown('changes', changes as EditOptions, ['payload', ...CHANGES]);
    const changed = payload === undefined ? undefined : await payloadEdit(queue, id, payload);
    if (payload !== undefined && changed === undefined) return 'unknown';
    const request = { ids: [id], ...rest, ...(changed && { edit: changed }) };
    const [answer] = await queue.call(editing, request as EditRequest);
    return answer as EditAnswer;
  },
);
