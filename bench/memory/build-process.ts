/**
 * Prints what whole lives of jobs in the memory store took, as JSON. Arguments: the build's entry, `bulk` or `singly`, the jobs, the lives to
 * warm up and those to measure. Run with a young generation that takes a whole life: then nothing is collected meanwhile, and what the heap
 * grew by is what was allocated.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { getHeapStatistics } from 'node:v8';
import type * as Package from '../../src/index.ts';
import { faceOf } from '../harness/face.ts';
import { median } from '../harness/measure.ts';

/** What one life took, of each job. */
export interface BuildLife {
  readonly enqueueSeconds: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly enqueueCpuSeconds: number;
  /** Allocated from the first enqueue to the last completion: kept or thrown away, young or old. */
  readonly bytes: number;
}

/** Jobs given to one `enqueueMany`: the most that a store takes at a time. */
const BATCH = 1_000;
const CONCURRENCY = 16;
const PRIORITIES = [0, 10, -10];
/** With what is around it, 200 bytes of JSON. */
const TEXT = 'x'.repeat(180);

const [entry = '', how = '', ...counts] = process.argv.slice(2);
const [jobs = 0, warmups = 0, lives = 0] = counts.map(Number);
const holdfast: typeof Package = await import(pathToFileURL(entry).href);
const face = faceOf(holdfast);
const priority = (n: number): number => PRIORITIES[n % PRIORITIES.length]!;

const enqueueing: Readonly<Record<string, (queue: ReturnType<typeof open>) => Promise<unknown>>> = {
  bulk: async (queue) => {
    for (let from = 0; from < jobs; from += BATCH)
      await face.enqueueMany(
        queue,
        Array.from({ length: Math.min(BATCH, jobs - from) }, (_, i) => ({
          name: 'work',
          payload: { n: from + i, text: TEXT },
          priority: priority(from + i),
        })),
      );
  },
  singly: (queue) =>
    Promise.all(
      Array.from({ length: jobs }, (_, n) =>
        queue.enqueue('work', { n, text: TEXT }, { priority: priority(n) }),
      ),
    ),
};

function open() {
  const work = holdfast.job<{ n: number; text: string }>();
  return holdfast.createQueue({
    name: 'bench',
    jobs: holdfast.defineJobs({ work }),
    store: holdfast.memoryStore(),
  });
}

let collections = 0;
const collecting = new PerformanceObserver((list) => {
  collections += list.getEntries().length;
});
collecting.observe({ entryTypes: ['gc'] });

async function live(): Promise<BuildLife> {
  const enqueue = enqueueing[how];
  if (enqueue === undefined) throw new Error(`no way to enqueue is called ${JSON.stringify(how)}`);
  globalThis.gc?.();
  await setImmediate(); // What was collected just now is told until then.
  collecting.takeRecords();
  collections = 0;
  const heap = getHeapStatistics().used_heap_size;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1_000;
  const cpuSeconds = () => {
    const { user, system } = process.cpuUsage(cpu);
    return (user + system) / 1e6;
  };
  const queue = open();
  await enqueue(queue);
  const enqueueSeconds = seconds();
  const enqueueCpuSeconds = cpuSeconds();
  await new Promise<void>((resolve) => {
    let done = 0;
    queue.on('job:completed', () => {
      done += 1;
      if (done === jobs) resolve();
    });
    face.work(queue, { work: async ({ n }: { n: number }) => n }, { concurrency: CONCURRENCY });
  });
  const life = { enqueueSeconds, enqueueCpuSeconds, seconds: seconds(), cpuSeconds: cpuSeconds() };
  const bytes = getHeapStatistics().used_heap_size - heap;
  await queue.close();
  if (collections + collecting.takeRecords().length > 0)
    throw new Error(`${jobs} jobs are too many: something was collected meanwhile`);
  return {
    enqueueSeconds: life.enqueueSeconds / jobs,
    enqueueCpuSeconds: life.enqueueCpuSeconds / jobs,
    seconds: life.seconds / jobs,
    cpuSeconds: life.cpuSeconds / jobs,
    bytes: bytes / jobs,
  };
}

for (let life = 0; life < warmups; life++) await live();
const measured: BuildLife[] = [];
for (let life = 0; life < lives; life++) measured.push(await live());
const middle = (of: keyof BuildLife) => median(measured.map((life) => life[of]));
console.log(
  JSON.stringify({
    enqueueSeconds: middle('enqueueSeconds'),
    enqueueCpuSeconds: middle('enqueueCpuSeconds'),
    seconds: middle('seconds'),
    cpuSeconds: middle('cpuSeconds'),
    bytes: middle('bytes'),
  } satisfies BuildLife),
);
process.exit(0);
