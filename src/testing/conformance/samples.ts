import { OptionTable } from '../../core/queue/option-table.ts';
import { type EveryOption, everyFeature } from '../every-feature.ts';
import { T } from './spec.ts';

export type Option = keyof EveryOption;

const accepts = new OptionTable(everyFeature());

const keptOf = (option: string, value: unknown) => accepts.checks[option]?.(option, value);

/** Every option that an enqueue takes: who adds one has it walked over every border, and through every store. */
export const OPTIONS = Object.keys(accepts.checks) as Option[];

/** An option with all that has to come with it, as it is given and as its check keeps it. */
export interface Sample {
  readonly option: Option;
  readonly given: EveryOption;
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
      const kept = keptOf(option, value ?? words.at(-1));
      return value instanceof Date ? kept : (value ?? words.at(-1));
    } catch (error) {
      words = messageOf(error).split('expected ')[1]?.split(', ') ?? [];
    }
  throw new Error(`no value is known that is right for ${option}: add one`);
}

const messageOf = (error: unknown): string => (error as Error).message;

/** The option, and what it does not go without, as the refusals say. */
export function sampleOf(option: Option, beside: EveryOption = {}): Sample {
  let given: EveryOption = { ...beside, [option]: rightFor(option) };
  for (let missing: EveryOption | undefined; ; given = { ...given, ...missing }) {
    const kept = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, keptOf(name, value)]),
    );
    try {
      accepts.together(kept);
      return { option, given, kept };
    } catch (error) {
      missing = missingOf(messageOf(error));
    }
  }
}

function missingOf(refusal: string): EveryOption {
  const [, absent] = /as there is no (\w+)$/.exec(refusal) ?? /^(\w+) is undefined/.exec(refusal) ?? [];
  if (absent !== undefined) return { [absent]: rightFor(absent as Option) };
  const [, other = '', word] = /as (\w+) is not (\w+)$/.exec(refusal) ?? [];
  if (word === undefined) throw new Error(`nothing is known that goes with it: ${refusal}`);
  return { [other]: word };
}
