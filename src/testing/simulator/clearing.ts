import type { HeldJob } from '../../core/index.ts';
import type { Context } from './context.ts';
import type { Complain } from './journal.ts';
import type { Ledger } from './ledger.ts';
import type { Snapshot } from './snapshot.ts';

type Totals = Ledger['totals'];

/** What becomes of queues whose data is cleared while they are open: all that was there is lost, and each says so, once. */
export class Clearing {
  readonly #complain: Complain;
  /** Of the databases that are gone, by what they came to. */
  readonly #past: Totals[] = [];
  /** `id/fence` of the leases that were lost. */
  readonly #leases = new Set<string>();
  /** Contexts that have not used their store since, and the ids of what they held then. */
  readonly #unaware = new Map<Context, Set<string>>();
  /** By context, the ids of all that it was ever given. */
  readonly #given = new Map<Context, Set<string>>();
  /** How many jobs were lost. */
  lost = 0;

  constructor(complain: Complain) {
    this.#complain = complain;
  }

  /** The lease was lost, or the answer that brought it came only then. */
  wasLost(id: string, fence: number): boolean {
    return this.#leases.has(`${id}/${fence}`);
  }

  /** Of all databases together. */
  sum(now: Totals): Totals {
    const sum = { ...now };
    for (const totals of this.#past)
      for (const key of Object.keys(sum) as (keyof Totals)[]) sum[key] += totals[key];
    return sum;
  }

  /** A context was given jobs. */
  give(context: Context, ids: Iterable<string>): void {
    const given = this.#given.get(context) ?? new Set();
    this.#given.set(context, given);
    for (const id of ids) given.add(id);
  }

  /** All of it is gone: exactly what was there. */
  enter({ snapshot, totals }: Ledger, after: Snapshot, contexts: readonly Context[]): void {
    this.#past.push(totals);
    for (const { id, state, lease } of snapshot.jobs.values()) {
      if (state !== 'completed') this.lost += 1;
      if (lease !== undefined) this.#leases.add(`${id}/${lease.fence}`);
    }
    const { pending, active, dead } = after.counts;
    if (after.jobs.size + pending + active + dead > 0)
      this.#complain('what is cleared is gone', `${[...after.jobs.keys()]} are there still`);
    for (const context of contexts) {
      const held = [...context.running].filter(({ signal }) => !signal.aborted).map(({ job }) => job);
      const known = this.#unaware.get(context) ?? new Set();
      for (const { id } of held) known.add(id);
      this.#unaware.set(context, known);
    }
  }

  /** Whether the context is to hear, with this call, that what was stored is gone. */
  isUnaware(context: Context): boolean {
    return this.#unaware.has(context);
  }

  /** Lets the store of the context say so. What runs there still, and ran there then, is among what its queue says that it held; and nothing that it never had. */
  tell(context: Context, tell: () => void): void {
    const known = this.#unaware.get(context) ?? new Set();
    this.#unaware.delete(context);
    const running = new Set(
      [...context.running].filter(({ signal }) => !signal.aborted).map(({ job }) => job.id),
    );
    let jobs: readonly HeldJob[] = [];
    const off = context.queue.on('store:lost', (event) => {
      jobs = event.jobs;
    });
    tell();
    off();
    const said = new Set(jobs.map(({ id }) => id));
    for (const id of known)
      if (running.has(id) && !said.has(id))
        this.#complain('what was lost is said', `${context.name} runs ${id} and did not say that it held it`);
    for (const id of said)
      if (!this.#given.get(context)?.has(id))
        this.#complain(
          'what was lost is said',
          `${context.name} said that it held ${id}, which it never had`,
        );
  }
}
