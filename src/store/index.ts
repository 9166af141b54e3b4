/**
 * What a store of one's own is made of. Its author writes three things: a layout of rows (`Rows`), a way to hold payloads (`Codec`) and a
 * way to run one transaction; `operations` makes of them every method of `JobStore` but `close`, with every rule of the contract.
 *
 * `holdfast/testing/conformance` proves the result. Row types may gain optional fields in a minor version: keep rows whole.
 */

export type { Logging } from '../core/logging.ts';
export { damagedFinal, damagedRow, type Remains } from '../core/logic/damage.ts';
export { jsonText } from '../core/logic/json-text.ts';
export { claimKey, finalKey, join, laneKey, laneOf, positionKey, streamPrefix } from '../core/logic/order.ts';
export type { Keyed, RecordKind, RecordKinds } from '../core/logic/records.ts';
export {
  type Claims,
  type Codec,
  type Control,
  type FinalRow,
  type Found,
  type JobRow,
  type Lease,
  type Maybe,
  type Operation,
  type Place,
  type Position,
  type Rows,
  runAsync,
  runSync,
  type Step,
  type Stream,
} from '../core/logic/rows.ts';
export { type Operations, operations } from '../core/operations.ts';
export { type PayloadRules, type Sealed, sealPayload } from '../core/payload.ts';
export type { Transact, Transaction } from '../core/transaction.ts';
