import * as SqliteClient from '@effect/sql-sqlite-do/SqliteClient';
import * as Effect from 'effect/Effect';
import * as Layer from 'effect/Layer';
import * as ManagedRuntime from 'effect/ManagedRuntime';
import * as PersistedQueue from 'effect/persistence/PersistedQueue';
import * as Schema from 'effect/Schema';
import type { Enqueued, Work } from '../deed.ts';
import { Workload } from './workload.ts';

export { default, Peer } from './workload.ts';

/** Handlers that run at a time, as in every contender. */
const CONCURRENCY = 16;
/** How often the host looks whether its alarm may end. */
const QUIET_MS = 50;

/**
 * Effect's persisted queue over the object's SQL, with its defaults. It sets no alarm, so its host does: without one nobody would wake
 * an object that was evicted. Completed rows stay until they are cleaned up, a second cost that is not counted here.
 */
export class Bench extends Workload {
  readonly #runtime = ManagedRuntime.make(
    PersistedQueue.layer.pipe(
      Layer.provide(PersistedQueue.layerStoreSql()),
      Layer.provide(SqliteClient.layer({ storage: this.ctx.storage, db: this.ctx.storage.sql })),
    ),
  );
  readonly #queue = this.#runtime.runPromise(
    PersistedQueue.make<Work>({ name: 'bench', schema: Schema.Any }),
  );
  #armed = false;
  #tick: (() => void) | undefined;

  protected async push(jobs: readonly Enqueued[]): Promise<void> {
    const queue = await this.#queue;
    await this.#runtime.runPromise(
      Effect.forEach(jobs, ({ id, work }) => queue.offer(work, id === undefined ? {} : { id }), {
        discard: true,
      }),
    );
    if (this.#armed) return;
    this.#armed = true;
    await this.ctx.storage.setAlarm(Date.now());
  }

  protected override async prepare(): Promise<void> {
    await this.#queue;
  }

  protected isEmpty(): boolean {
    const query = "SELECT 1 FROM effect_queue WHERE queue_name = 'bench' AND state = 'pending' LIMIT 1";
    return this.ctx.storage.sql.exec(query).toArray().length === 0;
  }

  override async alarm(): Promise<void> {
    this.meter.ran();
    this.#armed = true;
    const queue = await this.#queue;
    const take = queue.take((work) => Effect.promise(() => this.perform(work).then(() => this.#tick?.())));
    const loops = Effect.all(
      Array.from({ length: CONCURRENCY }, () => Effect.forever(take)),
      { concurrency: 'unbounded', discard: true },
    );
    const ended = new AbortController();
    const working = this.#runtime.runPromise(loops, { signal: ended.signal }).catch(() => undefined);
    await this.#quiet();
    ended.abort();
    await working;
    this.#armed = false;
  }

  /** Resolves when no job was done for a moment and none is left: the queue itself does not say when it is empty. */
  async #quiet(): Promise<void> {
    for (let last = -1, ticks = 0; ; last = ticks) {
      this.#tick = () => {
        ticks += 1;
      };
      await scheduler.wait(QUIET_MS);
      if (ticks === Math.max(0, last) && this.isEmpty()) return;
    }
  }
}
