import type { ResultOptions } from '../../core/features/results/result-row.ts';
import type { EnqueueOptions } from '../../core/queue/enqueue-options.ts';
import { OptionTable } from '../../core/queue/option-table.ts';
import { everyFeature } from '../every-feature.ts';
import { T } from './spec.ts';

type Options = EnqueueOptions & ResultOptions;
export type Option = keyof Options;

const TABLE = new OptionTable(everyFeature());

/** Every option that an enqueue takes: who adds one has it walked over every border, and through every store. */
export const OPTIONS = Object.keys(TABLE.checks) as Option[];

/** An option with all that has to come with it, as it is given and as its check keeps it. */
export interface Sample {
  readonly option: Option;
  readonly given: Options;
  readonly kept: Readonly<Record<string, unknown>>;
}

/** One of these is right for any option, or one of the words that its error names. */
const TRIED: readonly unknown[] = [
  new Date(T + 60_000),
  7,
  'x',
  ['x'],
  { x: 'y' },
  { kind: 'fixed', initialMs: 7 },
];

/** A value that is right for the option, found by asking its check. */
function rightFor(option: Option): unknown {
  let words: readonly string[] = [];
  for (const value of [...TRIED, undefined])
    try {
      const kept = TABLE.checks[option]?.(option, value ?? words.at(-1));
      return value instanceof Date ? kept : (value ?? words.at(-1));
    } catch (error) {
      words = messageOf(error).split('expected ')[1]?.split(', ') ?? [];
    }
  throw new Error(`no value is known that is right for ${option}: add one`);
}

const messageOf = (error: unknown): string => (error as Error).message;

/** The option, and what it does not go without, as the refusals say. */
export function sampleOf(option: Option, beside: Options = {}): Sample {
  let given: Options = { ...beside, [option]: rightFor(option) };
  for (let missing: Options | undefined; ; given = { ...given, ...missing }) {
    const kept = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, TABLE.checks[name]?.(name, value)]),
    );
    try {
      TABLE.together(kept);
      return { option, given, kept };
    } catch (error) {
      missing = missingOf(messageOf(error));
    }
  }
}

function missingOf(refusal: string): Options {
  const [, absent] = /as there is no (\w+)$/.exec(refusal) ?? /^(\w+) is undefined/.exec(refusal) ?? [];
  if (absent !== undefined) return { [absent]: rightFor(absent as Option) };
  const [, other = '', word] = /as (\w+) is not (\w+)$/.exec(refusal) ?? [];
  if (word === undefined) throw new Error(`nothing is known that goes with it: ${refusal}`);
  return { [other]: word };
}
