import type { Codec } from './codec.ts';
import { PayloadError } from './errors.ts';

/** Progress is kept in a row that every claim writes, what is attached to a job in one that every attempt writes. */
const MAX_SMALL_BYTES = 8_192;

/** A small value as the store holds it. Throws PayloadError. */
export function sealSmall(codec: Codec, what: string, value: unknown): unknown {
  const { stored, size } = codec.seal(value);
  checkSmall(what, size);
  return stored;
}

/** Throws PayloadError. One that is too large would keep all leases that it is sent with from being extended. */
export function checkSmall(what: string, bytes: number): void {
  if (bytes > MAX_SMALL_BYTES)
    throw new PayloadError(what, `has ${bytes} bytes: at most ${MAX_SMALL_BYTES} are stored`);
}
