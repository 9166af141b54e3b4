/**
 * What apps may say that means nothing without a feature, and what that feature is called: for the error of whoever forgot it. These are the names of
 * features below them, one line each: who deletes a feature deletes its lines.
 */
import type { JobDefinition } from './definitions.ts';

/** Options of enqueues. */
export const NEEDED_OPTIONS: Readonly<Record<string, string>> = {
  dependsOn: 'flows()',
  onDependencyDeath: 'flows()',
  keyForMs: 'keys()',
  maxWaitMs: 'keys()',
  keepResultMs: 'results()',
  rateKey: 'limits()',
};

/** What `onDuplicate` may be. */
export const NEEDED_WORDS: ReadonlyMap<unknown, string> = new Map([
  ['debounce', 'keys()'],
  ['throttle', 'keys()'],
]);

/** Options of definitions. */
export const NEEDED_DEFINED: { readonly [Option in keyof JobDefinition]?: string } = {
  payload: 'schema()',
  upcast: 'schema()',
};
