import { explain, type Queue } from 'holdfast';

/** Why a job is not running, a line each. */
export async function whyNot(queue: Queue, id: string): Promise<string[]> {
  const explanation = await explain(queue, id);
  if (explanation === undefined) return ['it is not there: done, cancelled, removed, or never enqueued here'];
  const { job, waits } = explanation;
  if (job.state === 'dead') return job.errors.map(({ name, message }) => `${name}: ${message}`);
  return waits.map(({ why }) => why);
}
