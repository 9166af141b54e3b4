import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { tellStep } from '../harness/progress.ts';

const PROCESS = fileURLToPath(new URL('heap-process.ts', import.meta.url));

/** Bytes that each of so many waiting jobs holds, its payload included, measured in a process of its own. */
export function heapOf(name: 'holdfast' | 'p-queue' | 'async' | 'fastq', count: number): number {
  tellStep(`heap of ${count} waiting jobs, ${name}`);
  const flags = ['--expose-gc', '--max-old-space-size=8192'];
  return Number(
    execFileSync(process.execPath, [...flags, PROCESS, name, String(count)], { encoding: 'utf8' }),
  );
}
