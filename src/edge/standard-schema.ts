import { type JobDefinition, PayloadError } from '../core/index.ts';

/** The part of Standard Schema (version 1) that checking needs; libraries of schemas have it. */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): SchemaResult | Promise<SchemaResult>;
  };
}

export type SchemaResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** An issue as it is told to whoever sent the payload. */
export interface ToldIssue {
  readonly message: string;
  readonly path: readonly string[];
}

/** Enough to mend a form by; a schema may find one for each item of a long list, and quote what it found. */
const MAX_ISSUES = 20;
const MAX_PATH = 20;
const MAX_TEXT = 200;

/** What the definition's schema has against the payload; empty: nothing, or there is no schema. */
export async function issuesOf(definition: JobDefinition, payload: unknown): Promise<readonly ToldIssue[]> {
  const { payload: schema } = definition as JobDefinition & { readonly payload?: Partial<StandardSchema> };
  const standard = schema?.['~standard'];
  if (typeof standard?.validate !== 'function') return [];
  const { issues } = await standard.validate(payload);
  return (issues ?? []).slice(0, MAX_ISSUES).map(({ message, path = [] }) => ({
    message: String(message).slice(0, MAX_TEXT),
    path: path.slice(0, MAX_PATH).map((part) => {
      const key = typeof part === 'object' ? part.key : part;
      return String(key).slice(0, MAX_TEXT);
    }),
  }));
}

/** Rejects with PayloadError, naming the first issue. */
export async function checkPayload(definition: JobDefinition, payload: unknown): Promise<void> {
  const [first] = await issuesOf(definition, payload);
  if (first !== undefined)
    throw new PayloadError(['payload', ...first.path].join('.'), `is not valid: ${first.message}`);
}
