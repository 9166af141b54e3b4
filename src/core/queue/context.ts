import { InvalidOptionError, StoreClosedError } from '../kernel/errors.ts';
import type { Counts } from '../kernel/messages.ts';
import type { Hint, StoreNotice } from '../kernel/store.ts';
import type { Definitions } from './definitions.ts';
import { Emitter, type EventName, type QueueEvents } from './emitter.ts';
import type { EnqueueCall } from './enqueue-call.ts';
import type { Environment } from './environment.ts';
import type { Feature } from './feature.ts';
import type { HostOptions } from './host-options.ts';
import { Intake } from './intake.ts';
import type { Line } from './line.ts';
import { OptionTable } from './option-table.ts';
import type { Part } from './part.ts';
import type { Caller, CallerOf, Host, PublicOperation, QueueOperation } from './queue-operation.ts';

/** What a queue is made of, every option checked. */
export interface ContextSetup {
  readonly name: string;
  readonly jobs: Definitions;
  readonly environment: Environment;
  readonly options: HostOptions;
  readonly dedupeMs: number;
  /** In their order: what else they are than hooks, whoever asks for it knows. */
  readonly use: readonly Feature[];
  readonly accept: EnqueueCall;
  readonly line: Line;
}

/** A queue in one context: what enqueues, and the parts that were added to it. */
export class Context implements Host, Caller {
  readonly name: string;
  readonly jobs: Definitions;
  readonly environment: Environment;
  readonly options: HostOptions;
  readonly accepts: OptionTable;
  readonly setup: ContextSetup;
  readonly line: Line;
  readonly emitter = new Emitter();
  readonly intake: Intake;
  readonly parts = new Map<unknown, Part>();
  #unhint: (() => void) | undefined;
  readonly #unnotice: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  /** As they were read last. */
  counts: Counts | undefined;

  constructor(setup: ContextSetup) {
    this.setup = setup;
    this.name = setup.name;
    this.jobs = setup.jobs;
    this.environment = setup.environment;
    this.options = setup.options;
    this.line = setup.line;
    this.accepts = new OptionTable(setup.use);
    this.intake = new Intake(this, setup);
    this.#unnotice = this.line.onNotice?.((notice) => this.#notice(notice));
  }

  /** The one part of this kind: made when it is first asked for. */
  part<T extends Part>(Kind: new (context: Context) => T): T {
    let part = this.parts.get(Kind) as T | undefined;
    if (part === undefined) {
      part = new Kind(this);
      this.parts.set(Kind, part);
    }
    return part;
  }

  /** Adds one that somebody else made. */
  add(part: Part): void {
    this.parts.set(part, part);
  }

  async call<Args, Answer>(operation: PublicOperation<Args, Answer>, args: Args): Promise<Answer> {
    return this.run(operation, operation.check(args, this));
  }

  /** Carries out an operation whose arguments are checked. */
  async run<Args, Answer>(operation: QueueOperation<Args, Answer>, args: Args): Promise<Answer> {
    if (this.line.local === undefined) this.checkOpen();
    const answer = await this.line.run(operation, args, this);
    this.told(operation, args, answer);
    return answer;
  }

  /** It was carried out: emits what came of it, and wakes who has to know. */
  told<Args, Answer>(
    operation: QueueOperation<Args, Answer>,
    args: Args,
    answer: Answer,
    wasSent = this.line.local?.saysSent(operation) === true,
  ): void {
    if (!this.line.far?.tells) operation.tell?.(answer, args, this);
    if (operation.kind === 'reader') return;
    if (!operation.isQuiet) this.emitter.changed();
    const hint = operation.hintHere?.(answer) ?? operation.hint?.(answer, args);
    if (hint !== undefined && !wasSent) this.hear(hint);
  }

  hear(hint: Hint): void {
    for (const part of this.parts.values()) part.hear?.(hint);
  }

  /** Workers that sleep ask in the same task, behind it. */
  sent(): void {
    this.hear('work');
  }

  /** What a worker here freed, its neighbours know already. */
  freed(hint: Hint): void {
    for (const part of this.parts.values()) part.hearFreed?.(hint);
  }

  /** Hints of other contexts are heard from the first who needs them on. */
  listen(): void {
    this.#unhint ??= this.line.onHint?.((hint) => {
      this.hear(hint);
      for (const part of this.parts.values()) part.hearElsewhere?.();
      this.emitter.changed();
    });
  }

  /** Events of here, and those that come from elsewhere for it. Returns what ends it. */
  on<Name extends EventName>(name: Name, listener: (event: QueueEvents[Name]) => void): () => void {
    const ends = [this.emitter.on(name, listener), this.line.wants?.(name)];
    return () => {
      for (const end of ends.splice(0)) end?.();
    };
  }

  /** Throws StoreClosedError. */
  readonly checkOpen = (): void => {
    if (this.#closing !== undefined) throw this.#closedError();
  };

  /** A later call with a shorter grace hurries the first. */
  close(graceMs: number): Promise<void> {
    if (this.#closing !== undefined) void this.#stop(graceMs);
    this.#closing ??= this.#close(graceMs);
    return this.#closing;
  }

  async #stop(graceMs: number): Promise<void> {
    await Promise.all([...this.parts.values()].map((part) => part.stop?.(graceMs)));
  }

  async #close(graceMs: number): Promise<void> {
    await this.#stop(graceMs);
    await this.intake.settled();
    this.#unhint?.();
    this.#unnotice?.();
    for (const part of this.parts.values()) part.close?.(this.#closedError());
    await this.line.close();
  }

  #closedError(): StoreClosedError {
    return new StoreClosedError(`queue ${JSON.stringify(this.name)}`);
  }

  /** What the store says of itself is an event of each queue. */
  #notice(notice: StoreNotice): void {
    const { emitter, name: queue } = this;
    const { kind, ...said } = notice;
    if (kind === 'low') emitter.emit('store:low', { queue, ...said });
    else if (notice.kind === 'blocked') emitter.emit('store:blocked', { queue, waitedMs: notice.waitedMs });
    else if (notice.kind === 'outdated') emitter.emit('store:outdated', { queue });
    else this.#lose();
  }

  #lose(): void {
    const { emitter, name: queue, counts } = this;
    this.counts = undefined;
    const jobs = [...this.parts.values()].flatMap((part) => part.held?.() ?? []);
    for (const part of this.parts.values()) part.lose?.();
    emitter.emit('store:lost', { queue, jobs, ...(counts && { counts }) });
  }
}

/** By the clock of the rows: that of another context, if they are there. */
export const rowsNow = ({ environment, line }: Context): number =>
  environment.now() + (line.far?.aheadMs ?? 0);

/** By which a handle has its context, whichever copy of the package made it. */
export const CONTEXT: unique symbol = Symbol.for('holdfast.context') as never;

/** What every handle has inside. */
export interface HasContext {
  readonly [CONTEXT]: Context;
}

/** A queue, as functions that need its context take it. */
export interface Handle extends Caller, HasContext {}

/** The same of a queue whose jobs are known to the compiler: what is read has their types. */
export interface HandleOf<Jobs extends Definitions> extends CallerOf<Jobs>, HasContext {}

/** Throws InvalidOptionError for what is no queue. */
export function contextOf(queue: HasContext): Context {
  const context: Context | undefined = Object(queue)[CONTEXT];
  if (context === undefined) throw new InvalidOptionError('queue', queue, 'a queue: createQueue(…)');
  return context;
}
