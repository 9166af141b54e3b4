/**
 * The features as tests of stores and of rules have them in use. One line each in every list: who deletes a feature deletes the lines that
 * name what its folders export (`npm run check:features`).
 */
import { checkpoints } from '../core/features/checkpoints/checkpoints.ts';
import { closingBatch, countingBatch, puttingBatch } from '../core/features/flows/batch.ts';
import { flows } from '../core/features/flows/flows.ts';
import type { FlowOptions, FlowSpec } from '../core/features/flows/options.ts';
import type { KeyOptions, KeyTimes } from '../core/features/keys/key-options.ts';
import { keys } from '../core/features/keys/keys.ts';
import { type LimitedOptions, limits } from '../core/features/limits/limits.ts';
import type { RateClaim, RateExchange, RateSettlement } from '../core/features/limits/messages.ts';
import { loggedEntries } from '../core/features/log/read-log.ts';
import { pruning } from '../core/features/results/prune.ts';
import type { ResultOptions } from '../core/features/results/result-row.ts';
import { results } from '../core/features/results/results.ts';
import {
  firing,
  listingSchedules,
  pausingSchedule,
  puttingSchedules,
  removingSchedule,
  triggeringSchedule,
} from '../core/features/schedules/operations.ts';
import { schedules } from '../core/features/schedules/schedules.ts';
import { schema } from '../core/features/schema/schema.ts';
import type {
  ClaimRequest,
  ExchangeRequest,
  ExplainRequest,
  JobSpec,
  Settlement,
} from '../core/kernel/messages.ts';
import type { Rows } from '../core/kernel/rows.ts';
import type { Step } from '../core/kernel/step.ts';
import type { EnqueueOptionsWith } from '../core/queue/enqueue-options.ts';
import type { Feature } from '../core/queue/feature.ts';
import { type Dropping, withDrop } from './features/drop.ts';
import { auditFlows } from './features/flows.ts';
import type { Found } from './features/found.ts';
import { type Limited, withLimits } from './features/limits.ts';
import { type Keeping, withKeep } from './features/results.ts';

/** All that the table has, as one type. */
type All<Table> = {
  [Name in keyof Table]: (all: Table[Name]) => void;
}[keyof Table] extends (all: infer Every) => void
  ? Every
  : never;

interface Options {
  kernel: object;
  flows: FlowOptions;
  keys: KeyOptions;
  limits: LimitedOptions;
  results: ResultOptions;
}

interface Specs {
  kernel: JobSpec;
  flows: FlowSpec;
  keys: KeyTimes;
  limits: LimitedOptions;
  results: ResultOptions;
}

interface Claims {
  kernel: ClaimRequest;
  limits: Limited;
  rates: RateClaim;
  results: Keeping;
}

interface Exchanges {
  kernel: ExchangeRequest;
  rates: RateExchange;
  results: Keeping;
}

interface Settlements {
  kernel: Settlement;
  rates: RateSettlement;
}

interface Explains {
  kernel: ExplainRequest;
  limits: Limited;
}

/** What a request may say of the page that it is of. */
interface Pages {
  kernel: object;
  drop: Dropping;
  results: Keeping;
}

/** What an enqueue may say with all of them, and the spec of a job that says it. */
export type EveryOption = EnqueueOptionsWith<All<Options> & object>;
export type EverySpec = All<Specs>;

export type FeaturedClaim = All<Claims>;
export type FeaturedExchange = Omit<All<Exchanges>, 'claim' | 'settle'> & {
  readonly claim?: FeaturedClaim;
  readonly settle: readonly All<Settlements>[];
};
export type FeaturedExplain = All<Explains>;
export type PageOptions = All<Pages>;

/** Names of those that leave values with payloads: a job with one needs them to be run. */
export const attaching = (): readonly string[] => [
  // A line each.
  checkpoints().name,
];

/** All features that have no setting of their own that a test would have to know: what tests of stores and of rules have in use. */
export const everyFeature = (): readonly Feature<All<Options> & object>[] => [
  limits(),
  flows(),
  keys(),
  results(),
  checkpoints(),
  schedules(),
  schema(),
];

/** The features of a page of which a request says more, each by one of these; the same ones, if it says nothing. */
const SAID: Readonly<Record<string, (use: readonly Feature[], request: object) => readonly Feature[]>> = {
  withDrop,
  withKeep,
  withLimits,
};

export const pageOf = (use: readonly Feature[], request: object): readonly Feature[] =>
  Object.values(SAID).reduce((page, says) => says(page, request), use);

/** The operations of features, by the names of their methods. */
export const FEATURE_OPERATIONS = {
  prune: pruning,
  putSchedules: puttingSchedules,
  removeSchedule: removingSchedule,
  listSchedules: listingSchedules,
  pauseSchedule: pausingSchedule,
  triggerSchedule: triggeringSchedule,
  fire: firing,
  putBatch: puttingBatch,
  closeBatch: closingBatch,
  countBatch: countingBatch,
  log: loggedEntries,
};

/** What is wrong with the rows that features keep. */
export const FEATURE_AUDITS: readonly ((rows: Rows, found: Found) => Step<readonly string[]>)[] = [
  auditFlows,
];
