import type { JobSpec } from '../kernel/messages.ts';
import { ENQUEUE_OPTIONS } from './enqueue-options.ts';

/** It says what the kernel does not know: a feature may have records for it. */
export function isOfFeature(spec: JobSpec): boolean {
  for (const field in spec) if (!KERNEL.has(field)) return true;
  return false;
}

const KERNEL: ReadonlySet<string> = new Set([
  ...Object.keys(ENQUEUE_OPTIONS),
  ...['known', 'name', 'version', 'payload', 'sealed', 'dedupeMs'],
]);
