import type { Drained, WorkerOptions } from '../../core/index.ts';
import { listing } from '../../core/operations/list.ts';
import type { Context } from '../../core/queue/context.ts';
import type { Runs } from '../../core/queue/part.ts';
import { newTally, type Tally } from '../../core/work/report.ts';
import { type Launched, Workers } from '../../core/work/workers.ts';

/** All in ms. */
export interface SyncTimes {
  readonly deadlineMs: number;
  readonly waitForMs: number;
  readonly graceMs: number;
}

/** What a run comes to that claims nothing. */
export const NOTHING: Drained = { ...newTally(), activeElsewhere: 0, closed: [] };

/** One drain at a time, shared by all events that want one. */
export class SyncRun {
  readonly #context: Context;
  readonly #handlers: object;
  readonly #options: WorkerOptions;
  readonly #times: SyncTimes;
  #current: Promise<Drained> | undefined;
  #launched: Launched | undefined;
  /** Somebody asked since the present pass began, perhaps too late for it. */
  #isWanted = false;
  #isHeldBack = false;

  /** Throws InvalidOptionError and UnknownJobError. */
  constructor(context: Context, handlers: object, options: WorkerOptions, times: SyncTimes) {
    context.part(Workers).check(handlers, options);
    this.#context = context;
    this.#handlers = handlers;
    this.#options = options;
    this.#times = times;
  }

  get graceMs(): number {
    return this.#times.graceMs;
  }

  get isRunning(): boolean {
    return this.#current !== undefined;
  }

  /** Runs what is due; joins the run that there is. `lift`: waits for targets are lifted first. Rejects with StoreClosedError. */
  begin(lift: boolean): Promise<Drained> {
    this.#isWanted = true;
    if (lift) this.#launched?.loop.lift();
    this.#current ??= this.#run(lift);
    return this.#current;
  }

  /** Ends what runs within the grace, and claims nothing until `resume`. */
  async holdBack(): Promise<void> {
    this.#isHeldBack = true;
    await this.#launched?.stop(this.#times.graceMs);
  }

  resume(): void {
    this.#isHeldBack = false;
  }

  async #run(lift: boolean): Promise<Drained> {
    await undefined; // `#current` is set before this may end.
    const { environment } = this.#context;
    const until = environment.now() + this.#times.deadlineMs;
    let all: Drained = NOTHING;
    try {
      for (;;) {
        const leftMs = Math.min(this.#times.deadlineMs, until - environment.now());
        if (this.#isHeldBack || leftMs <= 0) return { ...all, nextAt: environment.now() };
        this.#isWanted = false;
        all = joined(all, await this.#pass(lift, leftMs));
        // Who asked meanwhile may have stored a job after this pass looked for the last time.
        if (!this.#isWanted) return all;
      }
    } finally {
      this.#current = undefined;
    }
  }

  async #pass(lift: boolean, deadlineMs: number): Promise<Drained> {
    const { environment } = this.#context;
    const launched = this.#context
      .part(Workers)
      .launch(this.#handlers, this.#options, { waitFor: this.#times.waitForMs });
    this.#launched = launched;
    if (lift) launched.loop.lift();
    const cancel = environment.setTimer(() => void launched.stop(0), deadlineMs);
    await launched.over;
    cancel();
    this.#launched = undefined;
    const { drained } = launched.loop;
    return (await this.#hasDueBehindGates(launched)) ? { ...drained, nextAt: environment.now() } : drained;
  }

  /** A drain waits for no closed gate. What is due behind one is left all the same, and nothing else may wake the service worker when it opens. */
  async #hasDueBehindGates({ loop }: Launched): Promise<boolean> {
    const { environment } = this.#context;
    for (const name of Object.keys(this.#handlers).filter((each) => isClosed(loop.runs(each)))) {
      const { jobs } = await this.#context.call(listing, { state: 'pending', name });
      if (jobs.some(({ runAt, parked }) => !parked && runAt <= environment.now())) return true;
    }
    return false;
  }
}

const isClosed = (runs: Runs): boolean => runs !== undefined && runs !== true;

/** What both did, and what the later one left. */
function joined(before: Drained, after: Drained): Drained {
  const sum = newTally();
  for (const end of Object.keys(sum) as (keyof Tally)[]) sum[end] = before[end] + after[end];
  return { ...after, ...sum };
}
