import type { InvalidOptionError } from '../kernel/errors.ts';
import type { JobSpec } from '../kernel/messages.ts';
import type { JobDefinition } from './definitions.ts';
import {
  type CheckedOptions,
  checkTogether,
  ENQUEUE_OPTIONS,
  type EnqueueOptions,
} from './enqueue-options.ts';
import { type Feature, unused } from './feature.ts';
import { type Check, checkAll } from './job-options.ts';
import { NEEDED_OPTIONS, NEEDED_WORDS } from './needed.ts';
import { checkKnown } from './options.ts';

export type OptionChecks = Readonly<Record<string, Check<unknown>>>;

/** All that an enqueue of a queue may say: the kernel's options, and those of its features. */
export class OptionTable {
  readonly checks: OptionChecks;
  readonly #names: readonly string[];
  readonly use: readonly Feature[];
  /** Nearly always none: asked for each job. */
  readonly #specifying: readonly Feature[];
  readonly #admitting: readonly Feature[];

  constructor(use: readonly Feature[]) {
    this.use = use;
    this.#specifying = use.filter(({ specify }) => specify !== undefined);
    this.#admitting = use.filter(({ admits }) => admits !== undefined);
    this.checks = Object.assign({}, ENQUEUE_OPTIONS, ...use.map(({ options }) => options));
    this.#names = Object.keys(this.checks);
  }

  /** As a copy, each as its check keeps it. Throws InvalidOptionError. */
  check(given: EnqueueOptions): CheckedOptions {
    try {
      const checked = checkAll<CheckedOptions>('enqueue options', given, this.checks as never, this.#names);
      this.together(checked);
      return checked;
    } catch (error) {
      throw missing(this.checks, given) ?? error;
    }
  }

  /** Whether checked options go together. Throws InvalidOptionError. */
  together(given: CheckedOptions): void {
    checkTogether(given);
    for (const feature of this.use) feature.together?.(given);
  }

  /** What features make of their options. */
  specify(spec: JobSpec): void {
    for (const feature of this.#specifying) feature.specify?.(spec as unknown as Record<string, unknown>);
  }

  /** Throws, or rejects with, what refuses a payload; undefined: it is fine. Whoever looks at it is given a copy. */
  admit(name: string, definition: JobDefinition, payload: unknown): Promise<void> | undefined {
    let all: Promise<void> | undefined;
    for (const feature of this.#admitting) {
      const one = feature.admits?.(name, definition, payload);
      all = all === undefined ? one : Promise.all([all, one]).then(() => undefined);
    }
    return all;
  }
}

/** What the jobs of a schedule cannot have. */
export const unscheduledOf = ({ use }: Pick<OptionTable, 'use'>): readonly string[] =>
  use.flatMap(({ unscheduled = [] }) => unscheduled);

/** What the caller changes afterwards changes nothing. Scalars are left to be checked with all others. */
export function copyOptions({ checks }: Pick<OptionTable, 'checks'>, given: EnqueueOptions): EnqueueOptions {
  try {
    const copied: Record<string, unknown> = {
      ...checkKnown('enqueue options', given, Object.keys(checks)),
    };
    for (const [option, value] of Object.entries(copied))
      if (typeof value === 'object') copied[option] = checks[option]?.(option, value);
    return copied;
  } catch (error) {
    throw missing(checks, given) ?? error;
  }
}

/** What to say of an option whose feature is not in use. Of what cannot be read, its check says what is wrong. */
function missing(checks: OptionChecks, given: unknown): InvalidOptionError | undefined {
  try {
    for (const [option, feature] of Object.entries(NEEDED_OPTIONS)) {
      const value = option in checks ? undefined : Object(given)[option];
      if (value !== undefined) return unused(option, value, feature);
    }
    const { onDuplicate } = Object(given);
    const feature = NEEDED_WORDS.get(onDuplicate);
    if (feature !== undefined && checks.onDuplicate === ENQUEUE_OPTIONS.onDuplicate)
      return unused('onDuplicate', onDuplicate, feature);
  } catch {} // It cannot be read, which the other error says.
  return undefined;
}
