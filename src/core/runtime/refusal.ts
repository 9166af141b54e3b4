/** The store answered, and will answer the same to the same. By code: its copy of the package may be another. */
export function refusalOf(error: unknown): 'not storable' | 'no room' | undefined {
  const { code, retryable } = Object(error) as { readonly code?: unknown; readonly retryable?: unknown };
  if (code === 'Payload' || code === 'InvalidOption') return 'not storable';
  return code === 'Store' && retryable === false ? 'no room' : undefined;
}
