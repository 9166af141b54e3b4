/**
 * What a store of one's own is made of. Its author writes three things: six primitives over tables (`Tables`, from which `TableRows` makes `Rows`), a way
 * to hold payloads (`Codec`) and a way to run one transaction (`Store.transact`). All rules of the queue run over these.
 *
 * `holdfast/testing/conformance` proves the result. Row types may gain optional fields in a minor version: keep rows whole.
 */

export type { Claims, Lease } from '../core/kernel/claims-row.ts';
export type { Codec } from '../core/kernel/codec.ts';
export type { Control, Stream } from '../core/kernel/control-row.ts';
export { damagedFinal, damagedRow, type Remains } from '../core/kernel/damage.ts';
export { type Features, NO_FEATURES } from '../core/kernel/features.ts';
export type { FinalRow, Found, JobRow } from '../core/kernel/job-row.ts';
export { jsonText } from '../core/kernel/json-text.ts';
export { mending } from '../core/kernel/mending.ts';
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
export type { FeatureKind, Keyed, RecordKind, RecordKinds, RecordOf } from '../core/kernel/records.ts';
export type { Rows, Run } from '../core/kernel/rows.ts';
export { type Maybe, runAsync, runSync, type Step } from '../core/kernel/step.ts';
export type {
  Hint,
  Lives,
  Store,
  StoreHealth,
  StoreNotice,
  Transact,
  Transaction,
} from '../core/kernel/store.ts';
export { TableRows } from './table-rows.ts';
export type { Entry, Indexed, Table, Tables } from './tables.ts';
