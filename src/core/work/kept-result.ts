import { PayloadError } from '../kernel/errors.ts';
import { sealPayload } from '../kernel/payload.ts';
import { MAX_RESULT_BYTES } from '../kernel/retention.ts';

/** What a handler returned, as it can be kept. Throws PayloadError. */
export function keptResult(result: unknown): unknown {
  const { value, size } = sealPayload(result, { blobs: false, what: 'result' });
  if (size > MAX_RESULT_BYTES)
    throw new PayloadError('result', `has ${size} bytes: at most ${MAX_RESULT_BYTES} are kept`);
  return value;
}
