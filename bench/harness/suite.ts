import type { Measure, SuiteName } from './measure.ts';

/** What the command line asks of a suite. */
export interface SuiteOptions {
  /** How often each side runs after its warm-up. */
  readonly runs: number;
  /** Less work, to see that everything runs: its figures mean nothing. */
  readonly quick: boolean;
  /** Parts whose name contains it; default: all. */
  readonly only?: string;
}

export interface SuiteResult {
  readonly measures: readonly Measure[];
  /** The exact versions of the peers and of what it ran in. */
  readonly versions: Readonly<Record<string, string>>;
  /** What could not be measured, each with its reason. */
  readonly missing: readonly string[];
  /** What the report shows beside the measures, by a name of its own. */
  readonly tables?: Readonly<Record<string, unknown>>;
}

export interface Suite {
  readonly name: SuiteName;
  run(options: SuiteOptions): Promise<SuiteResult>;
}
