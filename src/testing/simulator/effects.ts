import type { Definitions, HandlerContext, Handlers, Job } from '../../core/index.ts';
import type { Context } from './context.ts';
import type { Ledger } from './ledger.ts';
import type { Complain } from './transitions.ts';

const DEFAULT_MAX_ATTEMPTS = 10;

/** What handlers and listeners see must agree with what the store did. */
export class Effects {
  /** By context: since when it runs nothing. */
  readonly idleSince = new Map<Context, number>();
  readonly #ledger: Ledger;
  readonly #complain: Complain;
  readonly #time: { readonly elapsed: number };
  /** By worker: the jobs whose handlers have not ended. */
  readonly #running = new Map<string, Set<string>>();
  readonly #byContext = new Map<Context, number>();
  /** `id/fence` of every start. */
  readonly #started = new Set<string>();

  constructor(ledger: Ledger, time: { readonly elapsed: number }, complain: Complain) {
    this.#ledger = ledger;
    this.#time = time;
    this.#complain = complain;
  }

  hasStarted(id: string, fence: number): boolean {
    return this.#started.has(`${id}/${fence}`);
  }

  /** The handlers, watched. */
  watch(context: Context, handlers: Handlers<Definitions>): Handlers<Definitions> {
    this.idleSince.set(context, this.#time.elapsed);
    return Object.fromEntries(
      Object.entries(handlers).map(([name, handler]) => [
        name,
        async (payload: unknown, run: HandlerContext<Definitions>) => {
          const end = this.#begin(context, run);
          try {
            return await handler?.(payload, run);
          } finally {
            end();
          }
        },
      ]),
    );
  }

  #begin(context: Context, { job, attempt, fence }: HandlerContext): () => void {
    const start = `${job.id}/${fence}`;
    if (this.#started.has(start)) this.#complain('one start a claim', `${start} was started twice`);
    this.#started.add(start);
    const most = job.maxAttempts ?? context.jobs[job.name]?.maxAttempts ?? DEFAULT_MAX_ATTEMPTS;
    if (attempt > most)
      this.#complain('attempts are bounded', `${job.id} began attempt ${attempt} of ${most}`);
    const workerId = job.lease?.workerId ?? '';
    const running = this.#running.get(workerId) ?? new Set();
    this.#running.set(workerId, running);
    if (running.has(job.id))
      this.#complain('no overlap', `${job.id} was started in ${workerId} while it still ran there`);
    running.add(job.id);
    this.#byContext.set(context, (this.#byContext.get(context) ?? 0) + 1);
    this.idleSince.delete(context);
    return () => {
      running.delete(job.id);
      const left = (this.#byContext.get(context) ?? 1) - 1;
      this.#byContext.set(context, left);
      if (left === 0) this.idleSince.set(context, this.#time.elapsed);
    };
  }

  /** Never reported done when it was not. */
  listen({ queue }: Context): void {
    const isFinished = ({ id, lease }: Job) => this.#ledger.completions.has(`${id}/${lease?.fence}`);
    queue.on('job:completed', ({ job }) => {
      if (!isFinished(job)) this.#complain('done means done', `${job.id} was reported completed and was not`);
    });
    queue.on('job:enqueued', ({ id }) => {
      if (!this.#ledger.accepted.has(id))
        this.#complain('accepted means stored', `${id} was reported and not stored`);
    });
    queue.on('job:dead', ({ job }) => {
      const state = this.#ledger.snapshot.jobs.get(job.id)?.state;
      if (
        job.lease !== undefined &&
        state === 'active' &&
        isSame(this.#ledger.snapshot.jobs.get(job.id), job)
      )
        this.#complain('done means done', `${job.id} was reported dead and is active under the same lease`);
    });
  }
}

const isSame = (a: Job | undefined, b: Job): boolean => a?.lease?.fence === b.lease?.fence;
