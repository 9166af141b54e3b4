import * as holdfast from 'holdfast';
import { type AlarmInfo, durableObjectQueue } from 'holdfast/edge';
import { faceOf } from '../../harness/face.ts';
import type { Enqueued, Work } from '../deed.ts';
import { Workload } from './workload.ts';

export { default, Peer } from './workload.ts';

const jobs = holdfast.defineJobs({ work: holdfast.job<Work>() });
const face = faceOf(holdfast);

/** The package's queue, of whichever build it is bundled with. */
export class Bench extends Workload {
  readonly #queue = durableObjectQueue(this.ctx, { name: 'bench', jobs });

  protected async push(batch: readonly Enqueued[]): Promise<void> {
    const [first] = batch;
    if (batch.length === 1 && first !== undefined) await this.#queue.enqueue('work', first.work);
    else
      await face.enqueueMany(
        this.#queue,
        batch.map(({ work }) => ({ name: 'work', payload: work })),
      );
  }

  protected override async prepare(): Promise<void> {
    await face.count(this.#queue);
  }

  protected async isEmpty(): Promise<boolean> {
    const { pending, active } = await face.count(this.#queue);
    return pending + active === 0;
  }

  override async alarm(info?: AlarmInfo): Promise<void> {
    this.meter.ran();
    await this.#queue.onAlarm({ work: (work) => this.perform(work) }, info);
  }
}
