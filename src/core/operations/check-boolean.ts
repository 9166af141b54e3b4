import { InvalidOptionError } from '../kernel/errors.ts';

/** Throws InvalidOptionError. */
export function checkBoolean(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new InvalidOptionError(option, value, 'true or false');
  return value;
}
