import { inject } from 'vitest';
import type { Draw } from '../../src/testing/conformance/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the whole would take too long for each run. */
    draw: Draw | undefined;
  }
}

/** The part of the large suites that is to run; undefined: all of them. */
export const draw = inject('draw');

/** What a suite is called, so that whoever sees it fail knows what to repeat. */
export const drawnName = (name: string): string =>
  draw === undefined ? name : `${name}, drawn by seed ${draw.seed}`;
