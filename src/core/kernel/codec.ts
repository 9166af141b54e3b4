import type { Measured } from './messages.ts';

/** How a store holds payloads and what is attached to them, results, and the progress of running jobs. */
export interface Codec {
  /** Checks and encodes a payload; throws PayloadError. The result aliases nothing of the input, unless that is `sealed` already. */
  seal(payload: unknown, sealed?: Measured): { readonly stored: unknown; readonly size: number };
  /** A fresh copy of the payload that was sealed; throws when what is stored is damaged. */
  reveal(stored: unknown): unknown;
}
