import type { Control } from './control-row.ts';

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
