import { type AlarmInfo, durableObjectQueue } from '../../../src/edge/index.ts';
import { count, defineJobs, enqueueMany, job } from '../../../src/index.ts';
import type { Enqueued, Work } from '../deed.ts';
import { Workload } from './workload.ts';

export { default, Peer } from './workload.ts';

const jobs = defineJobs({ work: job<Work>() });

export class Bench extends Workload {
  readonly #queue = durableObjectQueue(this.ctx, { name: 'bench', jobs });

  protected async push(batch: readonly Enqueued[]): Promise<void> {
    const [first] = batch;
    if (batch.length === 1 && first !== undefined) {
      await this.#queue.enqueue('work', first.work, first.id === undefined ? {} : { id: first.id });
      return;
    }
    await enqueueMany(
      this.#queue,
      batch.map(({ id, work }) => ({ name: 'work', payload: work, ...(id === undefined ? {} : { id }) })),
    );
  }

  protected override async prepare(): Promise<void> {
    await count(this.#queue);
  }

  protected async isEmpty(): Promise<boolean> {
    const { pending, active } = await count(this.#queue);
    return pending + active === 0;
  }

  override async alarm(info?: AlarmInfo): Promise<void> {
    this.meter.ran();
    await this.#queue.onAlarm({ work: (work) => this.perform(work) }, info);
  }
}
