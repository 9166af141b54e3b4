import { buildLives, type LivesPlan } from '../memory/build-lives.ts';
import { type Build, entryOf } from './build.ts';
import type { Figure, Run } from './pair.ts';
import type { Part } from './part.ts';

const FULL: LivesPlan = { jobs: 100_000, warmups: 3, lives: 3 };
const QUICK: LivesPlan = { jobs: 2_000, warmups: 2, lives: 1 };

const lifeOf =
  (build: Build, how: 'bulk' | 'singly', plan: LivesPlan): Run =>
  async () => {
    const life = buildLives(entryOf(build, '.'), how, plan);
    const rate = (name: string, unit: string, seconds: number): Figure => ({
      name,
      unit,
      better: 'more',
      value: 1 / seconds,
    });
    const [enqueued, lived] = [`enqueue, ${how}`, `whole life, ${how}`];
    return [
      rate(enqueued, 'jobs/s', life.enqueueSeconds),
      rate(enqueued, 'jobs/s of processor time', life.enqueueCpuSeconds),
      rate(lived, 'jobs/s', life.seconds),
      rate(lived, 'jobs/s of processor time', life.cpuSeconds),
      { name: `allocated, ${how}`, unit: 'bytes/job', better: 'less', value: life.bytes, counted: true },
    ];
  };

export const memoryPairs: Part = async (builds, { quick }, paired) => {
  const plan = quick ? QUICK : FULL;
  for (const how of ['bulk', 'singly'] as const)
    await paired(`memory, ${how}`, {
      this: lifeOf(builds.this, how, plan),
      base: lifeOf(builds.base, how, plan),
    });
};
