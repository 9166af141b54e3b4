import type { BatchRow } from './batch.ts';
import type { BuriedKeyRow } from './buried-keys.ts';
import type { DependentRow } from './dependencies.ts';
import type { EndedRow, RevivalRow } from './ended.ts';
import type { ExpiryRow } from './expiry.ts';
import type { IdRow } from './id-memory.ts';
import type { KeyRow } from './key-memory.ts';
import type { Halt } from './lane.ts';
import type { LogRow } from './log.ts';
import type { KeyRate } from './rate.ts';
import type { ScheduleRow } from './schedule-row.ts';

/**
 * What a queue keeps beside its jobs, kind by kind: small rows found by kind and key (see `Rows.record`). A new kind is one line here and
 * nothing in the stores. Values are plain data of a few KB (sealed payloads may be inside) and, like all rows, never changed in place.
 */
export interface RecordKinds {
  readonly schedule: ScheduleRow;
  readonly log: LogRow;
  readonly batch: BatchRow;
  readonly dependent: DependentRow;
  readonly ended: EndedRow;
  readonly revival: RevivalRow;
  /** By name and rate key. */
  readonly rate: KeyRate;
  /** By lane. */
  readonly halt: Halt;
  readonly key: KeyRow;
  readonly expiry: ExpiryRow;
  readonly id: IdRow;
  readonly buriedKey: BuriedKeyRow;
}

export type RecordKind = keyof RecordKinds;

/** A record with the key it is stored by. Keys are not empty and sort as texts. */
export interface Keyed<Kind extends RecordKind> {
  readonly key: string;
  readonly value: RecordKinds[Kind];
}
