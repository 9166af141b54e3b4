import { checkKnown, checkList, checkText } from '../queue/options.ts';

/** Jobs in one call. */
const MAX_IDS = 1_000;

/** Throws InvalidOptionError. */
export function checkId(given: unknown): { readonly id: string } {
  return { id: checkText('id', checkKnown('arguments', given as { readonly id: unknown }, ['id']).id) };
}

/** A list of ids, each checked. Throws InvalidOptionError. */
export const checkIds = (ids: unknown): readonly string[] =>
  checkList('ids', ids as readonly unknown[], MAX_IDS).map((id) => checkText('id', id));

/** No arguments at all. Throws InvalidOptionError. */
export const checkNone = (given: unknown): object => checkKnown('arguments', given as object, []);
