import { isError } from './errors.ts';
import type { JobError } from './job.ts';
import type { JobRow } from './job-row.ts';

const MAX_ERRORS = 5;
/** Characters of an error's message and stack together. */
const MAX_TEXT = 2_048;
const MAX_NAME = 100;

/** Whatever was thrown, as it is kept: never throws, whatever that was. */
export const toJobError = (thrown: unknown, attempt: number, at: number): JobError =>
  bounded({ ...describe(thrown), attempt, at });

function describe(thrown: unknown): Pick<JobError, 'name' | 'message' | 'stack'> {
  try {
    if (isError(thrown)) {
      const { name, message, stack } = thrown;
      return { name: String(name), message: String(message), ...(stack && { stack: String(stack) }) };
    }
    const message = typeof thrown === 'object' && thrown !== null ? JSON.stringify(thrown) : String(thrown);
    return { name: 'NonError', message: message ?? String(thrown) };
  } catch {
    return { name: 'NonError', message: 'a value that cannot be shown was thrown' };
  }
}

function bounded({ name, message: whole, stack, attempt, at }: JobError): JobError {
  const message = whole.slice(0, MAX_TEXT);
  const rest = stack?.slice(0, MAX_TEXT - message.length);
  return { name: name.slice(0, MAX_NAME), message, ...(rest && { stack: rest }), attempt, at };
}

/** The last errors, each bounded: what a settlement carries is bounded again, as it may come from elsewhere. */
export const appendError = (errors: readonly JobError[], error: JobError): readonly JobError[] =>
  [...errors, bounded(error)].slice(-MAX_ERRORS);

/** The row with what it dies of, though no attempt failed. */
export function dying(row: JobRow, name: string, message: string, now: number): JobRow {
  const error: JobError = { name, message, attempt: row.failures + 1, at: now };
  return { ...row, errors: appendError(row.errors, error) };
}
