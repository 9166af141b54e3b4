import type { Codec } from './codec.ts';
import type { JobRow } from './job-row.ts';
import type { PayloadEdit } from './steering-messages.ts';

/** What is another in the row of a job that is given another payload. */
export type Edited = Pick<JobRow, 'version' | 'payload' | 'size'>;

/** Seals at once. Throws for what cannot be stored. */
export function editedFields(codec: Codec, { payload, sealed, version }: PayloadEdit): Edited {
  const { stored, size } = codec.seal(payload, sealed);
  return { version, size, payload: stored };
}
