import { tellStep } from '../harness/progress.ts';
import type { ContenderName } from './contenders.ts';
import { inProcess } from './process.ts';

/** Bytes that each of so many waiting jobs holds, its payload included, measured in a process of its own. */
export function heapOf(name: ContenderName, count: number): number {
  tellStep(`heap of ${count} waiting jobs, ${name}`);
  return Number(inProcess('heap-process.ts', name, count));
}
