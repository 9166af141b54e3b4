import type { DeadLetterError, Job } from '../../core/index.ts';
import { contextOf } from '../../core/queue/context.ts';
import { Workers } from '../../core/work/workers.ts';
import type { EntryJob } from './entry.ts';
import type { EntryQueue } from './open-queue.ts';

/** A job that is handed out. If this context dies, it comes back. */
export interface Lease {
  readonly job: EntryJob;
  /** The job is done. `moved`: it is another job now. */
  complete(moved: boolean): Promise<void>;
  /** The job is dead. */
  refuse(error: DeadLetterError): Promise<void>;
  /** Back to its place, the attempt uncounted. */
  giveBack(): Promise<void>;
}

/** Claims the first job that may be sent, and holds it. Undefined: there is none, or it waits behind one that is held. */
export async function claimFirst(queue: EntryQueue): Promise<Lease | undefined> {
  let hand: (lease: Lease) => void = () => undefined;
  const handed = new Promise<Lease>((resolve) => {
    hand = resolve;
  });
  const hold = (_: unknown, { job, signal }: { readonly job: Job; readonly signal: AbortSignal }) =>
    new Promise<unknown>((complete, end) => {
      signal.addEventListener('abort', () => end(signal.reason));
      hand({
        job: job as EntryJob,
        async complete(moved) {
          complete(moved ? { moved } : undefined);
          await launched.over;
        },
        async refuse(error) {
          end(error);
          await launched.over;
        },
        giveBack: () => launched.stop(0),
      });
    });
  // One that an app's `onSync` holds may take as long as that does.
  const launched = contextOf(queue)
    .part(Workers)
    .launch({ request: hold }, { concurrency: 1, maxJobs: 1 }, { waitFor: 0 });
  launched.loop.lift();
  return Promise.race([handed, launched.over.then(() => undefined)]);
}
