import type { SchemaIssue, SchemaResult, StandardSchema } from 'holdfast';

/** A schema of one's own, as small as they come. */
export function schemaOf<Input, Output = Input>(
  validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>,
): StandardSchema<Input, Output> {
  return { '~standard': { version: 1, vendor: 'tiny', validate } };
}

export interface LetterInput {
  readonly to: readonly string[];
  readonly at?: string;
}

export interface Letter {
  readonly to: readonly string[];
  readonly at: Date;
}

export const EPOCH = new Date(0);

/** Asks for receivers, makes a Date of a text, and has a default for it. */
export const letterSchema = schemaOf<LetterInput, Letter>((value) => {
  const { to, at } = (value ?? {}) as { to?: unknown; at?: unknown };
  const issues: SchemaIssue[] = [];
  if (!Array.isArray(to)) issues.push({ message: 'expected an array', path: ['to'] });
  else
    for (const [i, one] of to.entries())
      if (typeof one !== 'string') issues.push({ message: 'expected a text', path: ['to', { key: i }] });
  if (at !== undefined && typeof at !== 'string') issues.push({ message: 'expected a text', path: ['at'] });
  if (issues.length > 0) return { issues };
  return { value: { to: to as string[], at: at === undefined ? EPOCH : new Date(at as string) } };
});

/** The same, answered later. */
export const laterSchema = schemaOf<LetterInput, Letter>(async (value) =>
  letterSchema['~standard'].validate(value),
);
