import { HoldfastError, type HoldfastErrorCode, messageOf, type PayloadIssue } from '../kernel/errors.ts';
import type { JobError } from '../kernel/job.ts';

/** Characters of a message, and of any other text. */
const MAX_TEXT = 2_048;
const MAX_NAME = 100;
const MAX_CAUSES = 4;
/** No class has more than a few. */
const MAX_FIELDS = 20;
const MAX_ISSUES = 100;
/** Keys, and characters of a text: as the issues of a schema are bounded. */
const MAX_PATH = 20;
const MAX_ISSUE_TEXT = 200;
/** Besides what a prototype has: read by themselves, or not at all. */
const NO_FACTS = ['code', 'cause', 'stack', 'issues', 'lastError'];

/** An error as plain data: JSON, a message port and RPC carry it as it is. */
export interface SerializedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly issues?: readonly PayloadIssue[];
  readonly lastError?: Omit<JobError, 'stack'>;
  readonly cause?: SerializedError;
  /** What else its class has: `status`, `reason`, `delayMs`, … */
  readonly [field: string]: unknown;
}

/** An error that crossed a border. Its `code` is one of `HoldfastErrorCode`, one of a newer version, or another library's. */
export type DeserializedError = Error & {
  readonly code?: string;
  readonly retryable?: boolean;
  readonly issues?: readonly PayloadIssue[];
};

/**
 * Whatever was thrown, as plain data for another context: over a message port, as JSON, by RPC. `deserializeError` makes an error of it again.
 *
 * An error of holdfast, also of another copy of the package, keeps its `code`, `message`, `retryable`, `issues` and what else its class has
 * (`status`, `delayMs`, …); any other error its name, message and `code`. Both keep their causes. No stack crosses. What is no error is named
 * `NonError`. Never throws. Bounded: a message has at most 2,048 characters, and an error at most 100 issues and four causes.
 *
 * @example
 * port.onmessage = async ({ data }) => {
 *   try {
 *     port.postMessage({ answer: await queue.enqueue('note.push', data) });
 *   } catch (error) {
 *     port.postMessage({ error: serializeError(error) });
 *   }
 * };
 */
export function serializeError(thrown: unknown): SerializedError {
  return read(thrown, MAX_CAUSES);
}

/**
 * The error that `serializeError` made data of, or that an `httpFront` answered as problem details: with the same `name`, `message`, `code`,
 * `retryable`, `issues`, causes and other fields. One of holdfast's is a `HoldfastError`, though not of the class that was thrown; a code of a
 * newer version stays as it is. The data may come from anywhere: what is too long or of another shape is cut or left out. Never throws.
 *
 * @example
 * port.onmessage = ({ data }) => {
 *   if (data.error) console.warn(deserializeError(data.error).code); // 'QueueFull', say
 * };
 */
export function deserializeError(data: unknown): DeserializedError {
  const [detail, code] = [at(data, 'detail') ?? at(data, 'title'), at(data, 'code')];
  const isProblem = typeof detail === 'string' && at(data, 'message') === undefined;
  return revive(
    read(isProblem ? { ...factsOf(data), code, name: nameOf(code), message: detail } : data, MAX_CAUSES),
  );
}

function revive({ cause, ...facts }: SerializedError): DeserializedError {
  const { message, code } = facts;
  const origin = cause && revive(cause);
  const error = isOurs(facts)
    ? new HoldfastError(code as HoldfastErrorCode, message, origin)
    : new Error(message, origin && { cause: origin });
  return Object.assign(error, facts);
}

/** An error, or the data of one, as data: never throws, whatever its getters do. */
function read(source: unknown, causes: number): SerializedError {
  const code = at(source, 'code');
  const head = { ...headOf(source), ...(typeof code === 'string' ? { code: cut(code, MAX_NAME) } : {}) };
  const cause = causes > 0 ? at(source, 'cause') : undefined;
  return {
    ...(isOurs(head) ? factsOf(source) : {}),
    ...head,
    ...(cause === undefined || cause === null ? {} : { cause: read(cause, causes - 1) }),
  };
}

/** By code and name, not by class: it may be of another copy of the package. Other libraries have codes, too. */
const isOurs = ({ name, code }: Pick<SerializedError, 'name' | 'code'>): boolean =>
  code !== undefined && name === nameOf(code);

const nameOf = (code: unknown): string => (typeof code === 'string' ? `${code}Error` : 'Error');

function headOf(source: unknown): { name: string; message: string } {
  const [name, message] = [at(source, 'name'), at(source, 'message')];
  if (typeof message !== 'string') return { name: 'NonError', message: cut(messageOf(source)) };
  return { name: typeof name === 'string' ? cut(name, MAX_NAME) : 'Error', message: cut(message) };
}

/** What the class of an error adds to name, message, code and cause. */
function factsOf(source: unknown) {
  const issues = attempt(() => issuesOf(at(source, 'issues')));
  const last = at(source, 'lastError');
  return {
    ...plainOf(source),
    ...(issues === undefined ? {} : { issues }),
    ...(at(last, 'message') === undefined ? {} : { lastError: jobErrorOf(last) }),
  };
}

function jobErrorOf(source: unknown): Omit<JobError, 'stack'> {
  const [attempt, when] = [at(source, 'attempt'), at(source, 'at')];
  return { ...headOf(source), attempt: isNumber(attempt) ? attempt : 0, at: isNumber(when) ? when : 0 };
}

/** Its own texts, numbers and booleans, but what every error has. */
function plainOf(source: unknown): Readonly<Record<string, unknown>> {
  const keys = attempt(() => Object.keys(Object(source)).slice(0, MAX_FIELDS)) ?? [];
  const facts: [string, unknown][] = [];
  for (const key of keys) {
    const value = at(source, key);
    if (key in Error.prototype || NO_FACTS.includes(key)) continue;
    if (typeof value === 'boolean') facts.push([key, value]);
    else if (key === 'retryable') continue;
    else if (typeof value === 'string') facts.push([cut(key, MAX_NAME), cut(value)]);
    else if (isNumber(value)) facts.push([cut(key, MAX_NAME), value]);
  }
  return Object.fromEntries(facts);
}

/** Undefined: there are none. */
function issuesOf(issues: unknown): PayloadIssue[] | undefined {
  if (!Array.isArray(issues)) return undefined;
  return issues.slice(0, MAX_ISSUES).flatMap((issue) => {
    const [message, path] = [at(issue, 'message'), at(issue, 'path')];
    if (typeof message !== 'string' || !Array.isArray(path)) return [];
    const keys = path.slice(0, MAX_PATH).filter((key) => typeof key === 'string');
    return [{ message: cut(message, MAX_ISSUE_TEXT), path: keys.map((key) => cut(key, MAX_ISSUE_TEXT)) }];
  });
}

const isNumber = (value: unknown): value is number => Number.isFinite(value);

const cut = (text: string, most = MAX_TEXT): string => text.slice(0, most);

/** A field, whatever it is of; undefined: it has none, or it cannot be read. */
const at = (source: unknown, key: string): unknown =>
  attempt(() =>
    typeof source === 'object' ? (source as Readonly<Record<string, unknown>> | null)?.[key] : undefined,
  );

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
