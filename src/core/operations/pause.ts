import type { PauseRequest } from '../kernel/messages.ts';
import { setPaused } from '../kernel/pause.ts';
import { type Definitions, definitionOf } from '../queue/definitions.ts';
import { checkKnown, checkText } from '../queue/options.ts';
import type { Queue } from '../queue/queue.ts';
import { callable, type PublicOperation } from '../queue/queue-operation.ts';

function check(given: unknown): PauseRequest {
  const { name } = checkKnown('arguments', given as PauseRequest, ['name']);
  return name === undefined ? {} : { name: checkText('name', name) };
}

export const pausing: PublicOperation<PauseRequest, void> = {
  name: 'pause',
  kind: 'drainer',
  check,
  rule: (request) => (rows, now) => setPaused(rows, request, true, now),
  hint: () => 'cancel',
  tell: (_, named, { name, emitter }) => emitter.emit('queue:paused', { queue: name, ...named }),
};

export const resuming: PublicOperation<PauseRequest, void> = {
  name: 'resume',
  kind: 'drainer',
  check,
  rule: (request) => (rows, now) => setPaused(rows, request, false, now),
  hint: () => 'work',
  tell: (_, named, { name, emitter }) => emitter.emit('queue:resumed', { queue: name, ...named }),
};

/** Throws UnknownJobError. */
function named(jobs: Definitions, name: string | undefined): PauseRequest {
  if (name === undefined) return {};
  definitionOf(jobs, name);
  return { name };
}

/**
 * Pauses the queue, or one job name, in all contexts until `resume`. Jobs that run go on. The queue and each name are paused and resumed
 * separately.
 *
 * @example
 * await pause(queue, 'mail.send');
 *
 * @throws UnknownJobError; StoreError, StoreClosedError
 */
export const pause = /* @__PURE__ */ callable(
  [pausing],
  async <Jobs extends Definitions>(queue: Queue<Jobs>, name?: keyof Jobs & string): Promise<void> =>
    queue.call(pausing, named(queue.jobs, name)),
);

/**
 * Ends a `pause`: of the queue, or of this name.
 *
 * @example
 * await resume(queue, 'mail.send');
 *
 * @throws UnknownJobError; StoreError, StoreClosedError
 */
export const resume = /* @__PURE__ */ callable(
  [resuming],
  async <Jobs extends Definitions>(queue: Queue<Jobs>, name?: keyof Jobs & string): Promise<void> =>
    queue.call(resuming, named(queue.jobs, name)),
);
