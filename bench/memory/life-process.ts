/** Prints what one whole life of `count` jobs took, as JSON: arguments are the contender and the count. */
import { fills, type Payload } from './contenders.ts';
import type { Life } from './life.ts';
import { told } from './process.ts';

const WARMUPS = 2;
/** By then everything is compiled that will be. */
const WARMUP_JOBS = 100_000;

/** With what is around it, 200 bytes of JSON. */
const TEXT = 'x'.repeat(180);
const payloadOf = (n: number): Payload => ({ n, text: TEXT });

const { name, count } = told(fills);
const fill = fills[name];

/** From the first enqueue to the last completion. What earlier lives left behind is collected before. */
async function live(jobs: number): Promise<Life> {
  globalThis.gc?.();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const waiting = await fill(jobs, payloadOf);
  await waiting.run();
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  await waiting.close();
  return { jobsPerSecond: jobs / seconds, jobsPerCpuSecond: (jobs * 1e6) / (user + system) };
}

for (let i = 0; i < WARMUPS; i++) await live(Math.min(count, WARMUP_JOBS));
console.log(JSON.stringify(await live(count)));
process.exit(0);
