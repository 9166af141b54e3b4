import { HoldfastError, messageOf, PayloadError, type PayloadIssue, quote } from '../../kernel/errors.ts';
import { sealPayload } from '../../kernel/payload.ts';
import { isPromise } from '../../kernel/step.ts';
import type { SchemaIssue, SchemaResult, StandardSchema } from '../../queue/schema.ts';

/** Enough to mend a form by; a schema may find one for each item of a long list, and quote what it found. */
const MAX_ISSUES = 20;
const MAX_PATH = 20;
const MAX_TEXT = 200;

/**
 * Checks a payload on its way into a store. Throws PayloadError when the schema has something against it, and InvalidOptionError when the
 * schema itself throws. For a schema that answers a promise, answers one that rejects with the same.
 */
export function checkPayload(
  name: string,
  schema: StandardSchema,
  payload: unknown,
): Promise<void> | undefined {
  // A schema that writes into what it is given must not change what is stored.
  const { value } = sealPayload(payload, { blobs: true });
  try {
    const answer = schema['~standard'].validate(value);
    if (isPromise(answer)) return checkLater(name, answer);
    refuse(answer);
    return undefined;
  } catch (thrown) {
    throw blame(name, thrown);
  }
}

async function checkLater(name: string, answer: PromiseLike<SchemaResult>): Promise<void> {
  try {
    refuse(await answer);
  } catch (thrown) {
    throw blame(name, thrown);
  }
}

function refuse(answer: SchemaResult): void {
  const parsed = read(answer);
  if ('refused' in parsed) throw parsed.refused;
}

/** What a schema throws is no issue of the payload. */
function blame(name: string, thrown: unknown): HoldfastError {
  if (isPayloadError(thrown)) return thrown;
  return new HoldfastError(
    'InvalidOption',
    `the payload schema of job ${quote(name)} threw: ${messageOf(thrown)}`,
    thrown,
  );
}

/** The user's schema may throw anything. */
function isPayloadError(thrown: unknown): thrown is PayloadError {
  try {
    return thrown instanceof PayloadError;
  } catch {
    return false;
  }
}

/** What a schema made of a stored payload: what the handler gets, or why it gets nothing. */
export type Parsed = { readonly payload: unknown } | { readonly refused: PayloadError };

/** Parses a stored payload for its handler. Rejects with what the schema throws. */
export async function parsePayload(schema: StandardSchema, payload: unknown): Promise<Parsed> {
  return read(await schema['~standard'].validate(payload));
}

function read(answer: SchemaResult): Parsed {
  if (answer.issues) return { refused: refusalOf(Array.from(answer.issues)) };
  if (!('value' in answer)) throw new TypeError('it answered neither a value nor issues');
  return { payload: answer.value };
}

function refusalOf(issues: readonly SchemaIssue[]): PayloadError {
  const told = issues.slice(0, MAX_ISSUES).map(toIssue);
  const [first = { message: 'the schema does not say why', path: [] }] = told;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return new PayloadError(pathOf(first), `is not valid: ${first.message}${more}`, told);
}

function toIssue({ message, path }: SchemaIssue): PayloadIssue {
  const parts = Array.from(path ?? []).slice(0, MAX_PATH);
  return {
    message: String(message).slice(0, MAX_TEXT),
    path: parts.map((part) => String(typeof part === 'object' ? part.key : part).slice(0, MAX_TEXT)),
  };
}

const pathOf = ({ path }: PayloadIssue): string =>
  `payload${path.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`)).join('')}`;
