/** The store answered, and will answer the same to the same. By code: its copy of the package may be another. */
export function refusalOf(error: unknown): 'not storable' | 'no room' | undefined {
  const { code, retryable, unanswered } = Object(error) as Readonly<Record<string, unknown>>;
  if (code === 'Payload' || code === 'InvalidOption') return 'not storable';
  return code === 'Store' && retryable === false && unanswered !== true ? 'no room' : undefined;
}

/** This context will never reach the store again: there is none, or its database is of a newer version. */
export const isHopeless = (error: unknown): boolean =>
  ['StoreUnavailable', 'StoreOutdated'].includes(String(Object(error).code));
