import { DurableObject } from 'cloudflare:workers';
import { type Bill, type Deed, type Drained, type Enqueued, enqueuedOf, type Work } from '../deed.ts';
import { Meter } from './meter.ts';

export interface Env {
  readonly BENCH: DurableObjectNamespace<Workload>;
  readonly PEER: DurableObjectNamespace<Peer>;
  /** The benchmark. */
  readonly TELL: Fetcher;
}

/** Longer than it takes to discard the object: what never ended would be taken for hung. */
const HALT_MS = 60_000;
/** Jobs given to one call when an object fills itself. */
const BATCH = 1_000;

/** Whom handlers call. */
export class Peer extends DurableObject {
  hit(n: number): number {
    return n;
  }
}

/** An object with a queue, whichever: what all contenders do alike. */
export abstract class Workload extends DurableObject<Env> {
  protected readonly meter: Meter;
  readonly #peer: DurableObjectStub<Peer>;
  #done = 0;
  #doneBefore = 0;
  /** What ends when so many are done. */
  #goal: { readonly until: number; readonly stop: boolean; readonly reached: () => void } | undefined;
  #meterFrom: number | undefined;
  #stopped = false;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.meter = new Meter(state);
    this.#peer = env.PEER.get(env.PEER.idFromName(`peer of ${state.id.name}`));
  }

  /** Enqueues as this queue does it best. Resolves when all are accepted. */
  protected abstract push(jobs: readonly Enqueued[]): Promise<void>;

  /** Makes the tables. Default: the constructor did. */
  protected async prepare(): Promise<void> {}

  /** Whether nothing is left to be done. May read rows: it is asked only while the meter rests. */
  protected abstract isEmpty(): boolean | Promise<boolean>;

  /** Fills without being measured; default: as everybody enqueues. */
  protected async fill(jobs: readonly Enqueued[]): Promise<void> {
    await this.push(jobs);
  }

  /** The handler of every queue. */
  protected async perform({ n, act, ms = 0 }: Work): Promise<void> {
    if (act === 'rpc') await this.#peer.hit(n);
    if (act === 'wait' || act === 'tell') await scheduler.wait(ms);
    if (act === 'tell') {
      const told = await this.env.TELL.fetch('http://bench/', { method: 'POST', body: String(n) });
      await told.body?.cancel();
    }
    // Whatever runs on would not be counted any more: it is halted, so that it delays nobody.
    if (this.#stopped) await scheduler.wait(HALT_MS);
    this.#done += 1;
    if (this.#done === this.#meterFrom) this.#startMeter();
    if (this.#goal === undefined || this.#done < this.#goal.until) return;
    const { stop, reached } = this.#goal;
    this.#goal = undefined;
    this.#stopped = stop;
    reached();
  }

  /** One RPC. */
  async one(job: Enqueued): Promise<void> {
    await this.push([job]);
  }

  /** One RPC for a batch. */
  async many(jobs: readonly Enqueued[]): Promise<void> {
    await this.push(jobs);
  }

  async act(deed: Deed): Promise<unknown> {
    switch (deed.do) {
      case 'fill':
        for (let from = 0; from < deed.jobs.count; from += BATCH)
          await this.fill(enqueuedOf(deed.jobs, from, from + BATCH));
        await this.ctx.storage.sync();
        return null;
      case 'hold':
        this.meter.hold();
        await this.prepare();
        return null;
      case 'drain':
        this.#meterFrom = deed.meterFrom;
        return await this.#drain(deed.count, deed.empty);
      case 'meter':
        this.#startMeter();
        return null;
      case 'bill':
        return this.#bill();
      case 'discard':
        await this.ctx.storage.deleteAlarm();
        await this.ctx.storage.deleteAll();
        this.ctx.abort('discarded');
        return null;
    }
    throw new Error(`an object does not know ${deed.do}`);
  }

  #startMeter(): void {
    this.meter.start();
    this.#doneBefore = this.#done;
  }

  #bill(): Bill {
    return { ...this.meter.bill(), done: this.#done - this.#doneBefore };
  }

  async #drain(count: number, empty: boolean): Promise<Drained> {
    const start = Date.now();
    // Noted by the handler that reaches it: this request may be answered much later while the object is busy.
    const drained = new Promise<Drained>((resolve) => {
      const reached = () => resolve({ ms: Date.now() - start, bill: empty ? undefined : this.#bill() });
      if (this.#done >= count) reached();
      else this.#goal = { until: count, stop: !empty, reached };
    });
    await this.meter.release();
    const found = await drained;
    if (empty) while (!(await this.isEmpty())) await scheduler.wait(1);
    return found;
  }
}

/** The Worker in front of the objects: it alone makes the RPCs that are measured. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { object, deed } = await request.json<{ object: string; deed: Deed }>();
    const stub = env.BENCH.get(env.BENCH.idFromName(object));
    if (deed.do === 'singles') {
      const jobs = enqueuedOf(deed.jobs);
      await inParallel(jobs, deed.concurrency, (job) => stub.one(job));
      return Response.json(null);
    }
    if (deed.do === 'batches') {
      const batches: Enqueued[][] = [];
      for (let from = 0; from < deed.jobs.count; from += deed.size)
        batches.push(enqueuedOf(deed.jobs, from, from + deed.size));
      await inParallel(batches, deed.concurrency, (batch) => stub.many(batch));
      return Response.json(null);
    }
    return Response.json(await stub.act(deed));
  },
};

async function inParallel<Item>(items: readonly Item[], concurrency: number, call: (item: Item) => unknown) {
  let next = 0;
  const loop = async () => {
    while (next < items.length) await call(items[next++]!);
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
}
