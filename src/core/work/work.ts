import { asyncDispose } from '../dispose.ts';
import { contextOf } from '../queue/context.ts';
import type { Definitions } from '../queue/definitions.ts';
import { checkBoolean, checkGrace, checkKnown, checkMs } from '../queue/options.ts';
import type { Queue } from '../queue/queue.ts';
import type { Handlers } from './handler.ts';
import type { Drained, DrainOptions, Worker, WorkerOptions } from './worker-options.ts';
import { DRAIN_OPTIONS, Workers } from './workers.ts';

/**
 * Runs jobs until stopped. Any number of workers, in any number of contexts, share a queue. One queue handle has at most one worker for each name: for
 * more at a time use `concurrency`. Handlers for some names are enough: other jobs wait for a worker that has their handler.
 *
 * @example
 * const worker = work(queue, { 'note.push': async (note, { signal }) => send('/notes', { method: 'POST', body: note.text, signal }) });
 * await worker.stop({ graceMs: 5_000 });
 *
 * @throws InvalidOptionError, UnknownJobError, StoreClosedError at once; InvalidOptionError also for a name that another worker of this handle works
 * on, unless that one is stopping
 */
export function work<Jobs extends Definitions, Options extends object = object>(
  queue: Queue<Jobs, Options>,
  handlers: Handlers<NoInfer<Jobs>, NoInfer<Options>>,
  options: WorkerOptions = {},
): Worker {
  const context = contextOf(queue);
  context.checkOpen();
  const { loop, stop } = context.part(Workers).launch(handlers, options);
  const end: Worker['stop'] = (how = {}) => {
    try {
      return stop(checkGrace('stop options', how));
    } catch (error) {
      return Promise.reject(error); // Not an async function: a second call returns the same promise.
    }
  };
  return { id: loop.id, stop: end, [asyncDispose]: () => end() };
}

/**
 * Runs what is due, also retries that become due meanwhile, and resolves as soon as nothing is due and nothing runs. While
 * the store fails it waits: give a deadline where that must not take long.
 *
 * @example
 * const { completed, nextAt } = await drain(queue, handlers, { deadlineMs: 25_000 });
 *
 * @throws InvalidOptionError, UnknownJobError, StoreClosedError before anything is begun
 */
export async function drain<Jobs extends Definitions, Options extends object = object>(
  queue: Queue<Jobs, Options>,
  handlers: Handlers<NoInfer<Jobs>, NoInfer<Options>>,
  options: DrainOptions = {},
): Promise<Drained> {
  const context = contextOf(queue);
  context.checkOpen();
  const {
    deadlineMs,
    waitFor = 0,
    lift = false,
    ...rest
  } = checkKnown('drain options', options, DRAIN_OPTIONS);
  const deadline = deadlineMs === undefined ? undefined : checkMs('deadlineMs', deadlineMs);
  if (waitFor !== 'empty') checkMs('waitFor', waitFor);
  checkBoolean('lift', lift);
  const { loop, over, stop } = context.part(Workers).launch(handlers, rest, { waitFor });
  if (lift) loop.lift();
  const cancel =
    deadline === undefined ? undefined : context.environment.setTimer(() => void stop(0), deadline);
  await over;
  cancel?.();
  return loop.drained;
}
