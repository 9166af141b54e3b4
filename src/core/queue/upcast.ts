import { InvalidOptionError } from '../kernel/errors.ts';
import { reading } from './options.ts';

interface Step {
  lift(payload: unknown): unknown;
}

/** By version: makes a payload of that version one of the next. Pure, and answers at once. */
export type Upcast = Readonly<Record<number, Step['lift']>>;

/** Answers a copy. Every version before the definition's has to have its step. */
export function checkUpcast(option: string, given: unknown, version: number): Upcast {
  const entries = reading(option, given, () =>
    typeof given === 'object' && given !== null ? Object.entries(given) : undefined,
  );
  if (entries === undefined) throw new InvalidOptionError(option, given, 'an object of functions by version');
  for (const [key] of entries)
    if (!/^[1-9]\d*$/.test(key) || Number(key) >= version)
      throw new InvalidOptionError(option, key, `only versions before ${version}, the definition's`);
  const steps = new Map(entries);
  for (let from = 1; from < version; from++) {
    const step = steps.get(String(from));
    if (typeof step !== 'function')
      throw new InvalidOptionError(
        `${option}[${from}]`,
        step,
        `a function from version ${from} to ${from + 1}`,
      );
  }
  return Object.fromEntries(steps);
}
