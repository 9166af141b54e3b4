import type { Claims, Lease } from './claims-row.ts';
import type { Control, SetBack } from './control-row.ts';
import type { Departure } from './departure.ts';
import type { Draft, Job } from './job.ts';
import type { FinalRow, JobRow } from './job-row.ts';
import type { Correction } from './jump.ts';
import type { Crowd } from './load.ts';
import type {
  ClaimedJob,
  ClaimRequest,
  ExchangeRequest,
  JobSpec,
  Kept,
  Outcome,
  Settlement,
  Wait,
} from './messages.ts';
import type { Plan } from './plan.ts';
import type { FeatureKind } from './records.ts';
import type { Mended, Rows } from './rows.ts';
import type { Step } from './step.ts';

/** An operation that has run. */
export interface Ran {
  readonly name: string;
  readonly args: unknown;
  readonly answer: unknown;
}

/** A claim, before it looks for jobs. */
export interface ClaimTerms {
  readonly control: Control;
  readonly request: ClaimRequest;
  /** All workers', this one's among them. */
  readonly claims: readonly Claims[];
  /** Slots left by name. May be lowered. */
  readonly slots: Map<string, number>;
  /** Jobs to take. May be lowered. */
  limit: number;
  /** The limit was lowered: what ends, or is lost, makes room again. */
  isCut: boolean;
}

/** What a feature has to do with one claim. */
export interface ClaimGuard {
  /** Before a due job is claimed. `waits`: it stays, and so does all behind it in its stream. `moved`: it was put off, out of their way. */
  asks?(row: JobRow): Step<'goes' | 'waits' | 'moved'>;
  /** The job is claimed: what its end needs to know goes into its lease. */
  leased?(lease: Draft<Lease>, row: JobRow, claimed: Draft<ClaimedJob>): void;
  /** When what it kept waiting may go; absent: nothing does. Looked at when all is claimed. */
  readonly nextAt?: number;
  /** All is claimed. */
  ends?(): Step<void>;
}

/** Records that a clock which is set back makes wrong. */
export interface RightedRecords<Value extends object> {
  readonly kind: FeatureKind<Value>;
  /** As the record is right by the clock of now; undefined: as it is. */
  right(value: Value, control: Control, setBack: SetBack): Value | undefined;
}

/** A job that is done, and what stays of it. */
export interface Done {
  readonly row: JobRow;
  readonly outcome: Extract<Outcome, { kind: 'complete' }>;
  /** What its handler returned, where it can be stored. */
  readonly result: FinalRow['result'];
  /** Absent: nothing. */
  final?: FinalRow;
}

/** Jobs that come together, and what each comes to. */
export interface Entry {
  readonly specs: readonly JobSpec[];
  /** In the order of the specs. */
  readonly plans: readonly Plan[];
  /** None of them may be refused any more. */
  readonly tolerant: boolean;
}

/** Writes what it was made for. */
export type Write = (control: Control) => Step<void>;

/** Jobs that ended with others, for the worker that brought that about to tell. */
export interface Fallen {
  readonly buried: Job[];
  readonly cancelled: string[];
}

/** Where a feature changes what the kernel does. Each runs inside the transaction of the operation that comes by, except for `checks`. */
export interface Hooks {
  /** A claim begins. What is returned goes along with it; undefined: it has nothing to do with these names. */
  claims?(rows: Rows, claim: ClaimTerms, now: number): ClaimGuard | undefined;
  /** From when on a job of a name may be claimed; Infinity: from the end of some lease on. Writes nothing. */
  opens?(control: Control, claims: readonly Claims[], now: number): (name: string) => number;
  /** A lease is over whose attempt has begun, or may have: settled, if not as `unbegun`, or taken back. Undefined: it is nothing to this feature. */
  unleased?(
    rows: Rows,
    control: Control,
    lease: Lease,
    now: number,
    settlement?: Settlement,
  ): Step<void> | undefined;
  /** A worker says more than its settlements. Returns whether it changed anything. */
  hears?(rows: Rows, control: Control, mine: Claims, request: ExchangeRequest, now: number): Step<boolean>;
  /** Whether an exchange that found a worker with some leases and leaves it with others frees what jobs elsewhere wait for. */
  frees?(control: Control, before: readonly Lease[], after: readonly Lease[]): boolean;
  /** Why a waiting job is not claimed now. Writes nothing. */
  explains?(rows: Rows, control: Control, row: JobRow, now: number): Step<readonly Wait[]>;
  /** Fields of rows that stay the holder's of a key when another takes its place, unless it starts anew: `kept` of an answer names them. */
  readonly anew?: readonly Kept[];
  /** The clock was set back to `now`: what the queue's row and the leases say of instants follows. */
  clock?(control: Control, now: number, correction: Correction, claims: readonly Claims[]): void;
  /** The same of records, of which there may be many. */
  readonly rights?: RightedRecords<object>;
  /** An operation is done: what is written here commits with it. */
  ran?(rows: Rows, ran: Ran, now: number): Step<void>;
  /** Whether the end of such a job concerns this feature, wherever it comes to it: see `JobRow.owes`. */
  owes?(spec: Partial<JobSpec>): boolean;
  /** A job that owes it to this feature (see `JobRow.owes`), or whose row is damaged, has ended, whatever way: here, or where the feature was not. */
  leaves?(rows: Rows, control: Control, departure: Departure): Step<void>;
  /** A dead job that owes it to this feature lives again. Its row is without its payload if that was where the feature was not. */
  returns?(rows: Rows, control: Control, job: JobRow): Step<void>;
  /**
   * A newcomer comes whose key is held, and whose `onDuplicate` is a word of this feature: nothing is stored (`keep`), or it is stored behind the
   * `holder`. Undefined: it takes the holder's place. `holder`: a job that waits or runs; absent: the key is remembered alone.
   */
  meets?(spec: JobSpec, holder: JobRow | undefined, now: number): 'keep' | 'follow' | undefined;
  /** A newcomer takes the place of the job that has its key: `row` is that job with the newcomer's payload, and with all else that it had. */
  replaces?(row: Draft<JobRow>, newcomer: JobRow, spec: JobSpec, now: number): void;
  /** A job is done whose row may stay (`Lease.remembered`): what more of it stays. */
  keeps?(rows: Rows, done: Done, now: number): void;
  /** What ended, or is remembered, and need not stay goes: at most about `limit` of each kind. Comes with settlements. */
  sweeps?(rows: Rows, control: Control, limit: number, now: number): Step<void>;
  /** What reading shows of a row beyond its fields. */
  view?(rows: Rows, job: Draft<Job>, row: JobRow, final?: FinalRow): void;
  /** When to look again, beside what the kernel looks for; undefined: never. `ask`: what a worker said of the feature in `asks`; absent: all. Writes nothing. */
  asks?(rows: Rows, control: Control, ask: unknown, now: number): Step<number | undefined>;
  /** Names of jobs to which it sets a limit that holds over all pages; '' is all. Pages that do not say so too leave them alone: see `name-marks.ts`. Absent, never empty: none. */
  readonly marks?: readonly string[];
  /** Jobs are to be stored together: throws what refuses them, before any transaction. */
  checks?(specs: readonly JobSpec[]): void;
  /** Fields of specs that are spent when their jobs enter: no row carries them. */
  readonly spends?: readonly string[];
  /**
   * Jobs enter: completes their plans, or throws what refuses all of them. Writes nothing, as it may be asked twice: what it returns does, once the
   * rows are written.
   */
  enters?(rows: Rows, entry: Entry, now: number): Step<Write | undefined>;
  /** Jobs enter that do not all fit: says what has to go for each (`Guest.drops`), or throws what refuses them all. Changes nothing. One feature of a page. */
  drops?(rows: Rows, control: Control, crowd: Crowd, now: number): Step<void>;
  /** A dead job is to live again: its row as it is then. Undefined: it stays dead, and nothing was written. `alone`: it waits for no other. */
  revives?(rows: Rows, control: Control, job: JobRow, alone: boolean): Step<JobRow | undefined>;
  /** A job that had ended goes for good. */
  discards?(rows: Rows, job: JobRow): void;
  /** Between settling and claiming. Returns whether it changed anything; who ended thereby is added to `fallen`. */
  turns?(rows: Rows, control: Control, now: number, fallen: Fallen): Step<boolean>;
  /** When it wants its turn, at the latest; undefined: whenever somebody comes by. Reads the queue's row alone. */
  wants?(control: Control, now: number): number | undefined;
  /** The queue's row was made anew, or records are lost: it makes good what it can. */
  recalls?(rows: Rows, control: Control, lost: Mended): Step<void>;
}

/** As its hooks are told apart from those of others. */
interface Named {
  /** As rows name it. */
  readonly name: string;
}

/** The features of a page by what they hook into, each list in their order. A hook that nobody has is an empty list. */
export type Features = {
  readonly [Hook in keyof Hooks]-?: readonly (Required<Pick<Hooks, Hook>> & Named)[];
} & {
  /** All of them. */
  readonly names: ReadonlySet<string>;
};

const HOOKS: { readonly [Hook in keyof Hooks]-?: true } = {
  claims: true,
  opens: true,
  frees: true,
  unleased: true,
  hears: true,
  anew: true,
  clock: true,
  rights: true,
  explains: true,
  ran: true,
  owes: true,
  leaves: true,
  returns: true,
  meets: true,
  replaces: true,
  keeps: true,
  sweeps: true,
  checks: true,
  enters: true,
  revives: true,
  discards: true,
  turns: true,
  wants: true,
  recalls: true,
  view: true,
  asks: true,
  marks: true,
  spends: true,
  drops: true,
};

/** @param given in their order */
export function featuresOf(given: readonly (Hooks & Named)[]): Features {
  const features: Record<string, unknown> = { names: new Set(given.map(({ name }) => name)) };
  for (const hook of Object.keys(HOOKS))
    features[hook] = given.filter((feature) => feature[hook as keyof Hooks] !== undefined);
  return features as unknown as Features;
}

/** Those of the page whose operation runs. What is said on rows, these types know: they take rows themselves. */
export const hooksOf = ({ features }: Pick<Rows, 'features'>): Features => features as Features;

/** The first instant at which one of them wants its turn. */
export function wantedAt({ wants }: Features, control: Control, now: number): number | undefined {
  let first: number | undefined;
  for (const feature of wants) {
    const at = feature.wants(control, now);
    if (at !== undefined && !(at > (first ?? at))) first = at;
  }
  return first;
}

/** Of a page that uses none. */
export const NO_FEATURES: Features = /* @__PURE__ */ featuresOf([]);
