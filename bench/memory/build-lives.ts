import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BuildLife } from './build-process.ts';

/** A whole life of a hundred thousand jobs fits into it, with everything that is thrown away meanwhile. */
const YOUNG_MB = 1_024;

const PROCESS = fileURLToPath(new URL('build-process.ts', import.meta.url));

/** How much is run, in one process. */
export interface LivesPlan {
  readonly jobs: number;
  readonly warmups: number;
  readonly lives: number;
}

/** Whole lives with what `entry` exports (a file: sources or a build), in a process of their own; returns the middle one. */
export function buildLives(
  entry: string,
  how: 'bulk' | 'singly',
  { jobs, warmups, lives }: LivesPlan,
): BuildLife {
  const flags = ['--expose-gc', `--min-semi-space-size=${YOUNG_MB}`, `--max-semi-space-size=${YOUNG_MB}`];
  const args = [PROCESS, entry, how, ...[jobs, warmups, lives].map(String)];
  return JSON.parse(execFileSync(process.execPath, [...flags, ...args], { encoding: 'utf8' })) as BuildLife;
}
