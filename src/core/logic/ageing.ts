import { waitingSince } from './order.ts';
import type { Control, JobRow } from './rows.ts';

/**
 * Every n-th job that is claimed is the one that has waited longest, whatever its priority. So one that became due when k others had waited
 * longer is claimed after at most n × (k + 1) jobs, however many of greater priority come meanwhile.
 */
export function isTurnOfOldest({ aged = 0 }: Control, ageing: number | undefined): boolean {
  return ageing !== undefined && aged >= ageing - 1;
}

/** A job was claimed. */
export function countAged(control: Control, ageing: number | undefined): void {
  if (ageing !== undefined) control.aged = isTurnOfOldest(control, ageing) ? 0 : (control.aged ?? 0) + 1;
}

export function hasWaitedLonger(a: JobRow, b: JobRow): boolean {
  const [since, other] = [waitingSince(a), waitingSince(b)];
  return since < other || (since === other && a.seq < b.seq);
}
