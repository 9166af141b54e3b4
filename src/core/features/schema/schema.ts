import type { Feature } from '../../queue/feature.ts';
import { orderOf } from '../order.ts';
import { checkPayload } from './check-payload.ts';
import { readingPayload } from './payload-reader.ts';

/**
 * Runs the schemas and the version steps (`upcast`) of definitions: each payload is checked when it is enqueued, and brought up to date and parsed before each
 * attempt. A queue whose definitions have a schema or an `upcast` needs it.
 *
 * @example
 * const jobs = defineJobs({ 'mail.send': job({ payload: z.object({ to: z.email() }) }) });
 * const queue = createQueue({ name: 'mail', jobs, store, use: [schema()] });
 */
export function schema(): Feature {
  return {
    name: 'schema',
    order: orderOf('schema'),
    reads: ['payload', 'upcast'],
    admits: (name, { payload: own }, payload) =>
      own === undefined ? undefined : checkPayload(name, own, payload),
    around: { run: readingPayload },
  };
}
