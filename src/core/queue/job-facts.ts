import { InvalidOptionError } from '../kernel/errors.ts';
import { checkList, checkText, isStorable, reading } from './options.ts';

const MAX_HEADERS = 32;
/** Characters of one header's value, and of all names and values together. */
const MAX_HEADER = 1_024;
const MAX_HEADER_TEXT = 4_096;
const MAX_TAGS = 16;

/** Answers a copy: what the caller changes afterwards changes nothing. Not a `Headers` object or a Map: these show no keys. */
export function checkHeaders(option: string, value: unknown): Readonly<Record<string, string>> {
  const entries = reading(option, value, () =>
    isRecord(value) ? Object.entries(value as Record<string, unknown>) : undefined,
  );
  if (entries === undefined) throw new InvalidOptionError(option, value, 'an object of names and texts');
  if (entries.length > MAX_HEADERS)
    throw new InvalidOptionError(`${option}.length`, entries.length, `at most ${MAX_HEADERS} headers`);
  let length = 0;
  for (const [name, text] of entries) {
    checkText(`a name in ${option}`, name);
    if (typeof text !== 'string' || text.length > MAX_HEADER || !isStorable(text))
      throw new InvalidOptionError(
        `${option}[${JSON.stringify(name)}]`,
        text,
        `a text of at most ${MAX_HEADER} characters without control characters and lone surrogates`,
      );
    length += name.length + text.length;
  }
  if (length > MAX_HEADER_TEXT)
    throw new InvalidOptionError(option, `${length} characters`, `at most ${MAX_HEADER_TEXT} in all`);
  return Object.fromEntries(entries) as Record<string, string>;
}

const isRecord = (value: unknown): boolean => Object.prototype.toString.call(value) === '[object Object]';

/** Answers a copy. */
export function checkTags(option: string, value: unknown): readonly string[] {
  return checkList(option, value as readonly unknown[], MAX_TAGS).map((tag, i) =>
    checkText(`${option}[${i}]`, tag),
  );
}
