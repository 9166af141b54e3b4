import { isError } from './errors.ts';
import type { JobError } from './job.ts';
import type { JobRow } from './job-row.ts';

const MAX_ERRORS = 5;
/** Characters of an error's message and stack together. */
const MAX_TEXT = 2_048;
const MAX_NAME = 100;

/** Whatever was thrown, as it is kept: never throws, whatever that was. */
export function toJobError(thrown: unknown, attempt: number, at: number): JobError {
  const { name, message, stack } = describe(thrown);
  const short = message.slice(0, MAX_TEXT);
  const rest = stack?.slice(0, MAX_TEXT - short.length);
  return { name: name.slice(0, MAX_NAME), message: short, ...(rest ? { stack: rest } : {}), attempt, at };
}

function describe(thrown: unknown): { name: string; message: string; stack?: string } {
  try {
    if (isError(thrown)) {
      const stack = thrown.stack;
      return {
        name: String(thrown.name),
        message: String(thrown.message),
        ...(stack ? { stack: String(stack) } : {}),
      };
    }
    const message = typeof thrown === 'object' && thrown !== null ? JSON.stringify(thrown) : String(thrown);
    return { name: 'NonError', message: message ?? String(thrown) };
  } catch {
    return { name: 'NonError', message: 'a value that cannot be shown was thrown' };
  }
}

/** The last errors, each bounded: what a settlement carries is bounded again, as it may come from elsewhere. */
export function appendError(errors: readonly JobError[], error: JobError): readonly JobError[] {
  const message = error.message.slice(0, MAX_TEXT);
  const stack = error.stack?.slice(0, MAX_TEXT - message.length);
  const bounded: JobError = {
    name: error.name.slice(0, MAX_NAME),
    message,
    ...(stack ? { stack } : {}),
    attempt: error.attempt,
    at: error.at,
  };
  return [...errors, bounded].slice(-MAX_ERRORS);
}

/** The row with what it dies of, though no attempt failed. */
export function dying(row: JobRow, name: string, message: string, now: number): JobRow {
  const error: JobError = { name, message, attempt: row.failures + 1, at: now };
  return { ...row, errors: appendError(row.errors, error) };
}
