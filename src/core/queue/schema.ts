import { InvalidOptionError } from '../kernel/errors.ts';
import { reading } from './options.ts';

/**
 * The part of Standard Schema (version 1, standardschema.dev) that is used. Most libraries of schemas have it, and it can be written by
 * hand. `validate` answers what it made of the value (defaults filled in, texts turned into dates), or issues.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** Never there: it carries the types. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output = unknown> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

export function checkSchema(option: string, schema: unknown): StandardSchema {
  // Some libraries have schemas that can be called.
  const standard = reading(option, schema, () => (schema as Partial<StandardSchema> | null)?.['~standard']);
  if (standard?.version !== 1 || typeof standard.validate !== 'function')
    throw new InvalidOptionError(option, schema, 'a Standard Schema, version 1: see standardschema.dev');
  return schema as StandardSchema;
}
