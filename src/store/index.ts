/**
 * What a store of one's own is made of. Its author writes three things: a layout of rows (`Rows`), a way to hold payloads (`Codec`) and a
 * way to run one transaction; `operations` makes of them every method of `JobStore` but `close`, with every rule of the contract.
 *
 * `holdfast/testing/conformance` proves the result. Row types may gain optional fields in a minor version: keep rows whole.
 */

export type { Claims, Lease } from '../core/kernel/claims-row.ts';
export type { Codec } from '../core/kernel/codec.ts';
export type { Control, Stream } from '../core/kernel/control-row.ts';
export { damagedFinal, damagedRow, type Remains } from '../core/kernel/damage.ts';
export type { FinalRow, Found, JobRow } from '../core/kernel/job-row.ts';
export { jsonText } from '../core/kernel/json-text.ts';
export type { Logging } from '../core/kernel/logging.ts';
export { type Operations, operations } from '../core/kernel/operations.ts';
export {
  claimKey,
  finalKey,
  join,
  laneKey,
  laneOf,
  positionKey,
  streamPrefix,
} from '../core/kernel/order.ts';
export { type PayloadRules, type Sealed, sealPayload } from '../core/kernel/payload.ts';
export type { Place, Position } from '../core/kernel/place.ts';
export type { Keyed, RecordKind, RecordKinds } from '../core/kernel/records.ts';
export type { Rows, Rule } from '../core/kernel/rows.ts';
export { type Maybe, runAsync, runSync, type Step } from '../core/kernel/step.ts';
export type { Transact, Transaction } from '../core/kernel/transaction.ts';
