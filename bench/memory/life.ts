import type { Contender } from '../harness/interleave.ts';
import type { ContenderName } from './contenders.ts';
import { inProcess } from './process.ts';

/** What one whole life of all jobs took. */
export interface Life {
  readonly jobsPerSecond: number;
  readonly jobsPerCpuSecond: number;
}

/** Measured in a process of its own, warmed up there. */
export const lifeOf =
  (name: ContenderName, count: number): Contender<Life> =>
  async () =>
    JSON.parse(inProcess('life-process.ts', name, count)) as Life;
