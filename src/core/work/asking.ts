import type { Draft } from '../kernel/job.ts';
import type { ClaimRequest, ExchangeAnswer, ExchangeRequest } from '../kernel/messages.ts';
import { PROBE_MAX_MS } from '../kernel/outage.ts';
import { Apart } from './apart.ts';
import { type Attempt, goesAlone, settlementOf } from './attempt.ts';
import { openNames } from './open-names.ts';
import { Pace } from './pace.ts';
import type { Patience } from './patience.ts';
import type { Runner } from './runner.ts';
import { asksOf, type WorkPart } from './work-part.ts';
import type { WorkerSetup } from './worker-setup.ts';

/** What one worker asks of an exchange: how much it claims, of which names and targets, and what features have to say. */
export class Asking {
  readonly #setup: WorkerSetup;
  readonly #workerId: string;
  readonly #runner: Runner;
  readonly #patience: Patience['asks'] | undefined;
  readonly #pace: Pace;
  /** What this worker alone does not reach. */
  readonly #apart: Apart;
  /** What features do in the loop. */
  readonly #parts: readonly WorkPart[];
  /** Somebody hopes that targets can be reached again. */
  #lifts = false;

  constructor(
    setup: WorkerSetup,
    workerId: string,
    runner: Runner,
    mode: 'work' | 'drain',
    patience: Patience['asks'] | undefined,
    tellError: (error: unknown) => void,
  ) {
    this.#setup = setup;
    this.#workerId = workerId;
    this.#runner = runner;
    this.#patience = patience;
    this.#pace = new Pace(setup.concurrency, mode);
    this.#apart = new Apart(setup.outage.probeMaxMs, workerId);
    this.#parts = setup.parts.map((make) => make(tellError));
  }

  async runParts(now: number): Promise<void> {
    for (const part of this.#parts) if (isDue(part, now)) await part.run();
  }

  isPromising(now: number): boolean {
    return this.#parts.some((part) => part.isPromising && isDue(part, now));
  }

  /** Targets may be reached again: the next claim lifts the waits for them. */
  lift(now: number): void {
    this.#lifts = true;
    this.#apart.lift(now);
  }

  /** What there is room for; undefined when there is none, or outcomes must arrive first. `jobsLeft`: how many it may take at most. */
  claim(sent: readonly Attempt[], jobsLeft: number): ClaimRequest | undefined {
    this.#pace.observe(sent);
    const { concurrency, leaseMs, shared, line, use } = this.#setup;
    const { attempts } = this.#runner;
    if (jobsLeft <= 0 || sent.some(goesAlone) || attempts.hasSuspect()) return undefined;
    // Over a wire nothing is claimed ahead: what is claimed begins at once.
    const { far } = line;
    const ahead = far === undefined ? this.#pace.ahead : 0;
    const limit = Math.min(concurrency + ahead - attempts.size, jobsLeft);
    if (limit <= 0 || attempts.readyCount > ahead / 2) return undefined;
    const { names, versions } = openNames(this.#setup, this.#runner, limit);
    if (Object.keys(names).length === 0) return undefined;
    return {
      names,
      limit,
      leaseMs,
      idle: attempts.size === 0,
      ...shared,
      ...(far === undefined ? {} : { uses: use.map(({ name }) => name) }),
      ...asksOf(this.#parts, versions),
      ...this.#patience,
      ...this.#targets(),
    };
  }

  #targets(): Pick<ClaimRequest, 'slots' | 'few' | 'lift'> {
    const { environment, concurrency } = this.#setup;
    const few = this.#apart.few(environment.now(), (target) => this.#runner.attempts.countTo(target));
    return {
      slots: concurrency,
      ...(few === undefined ? {} : { few }),
      ...(this.#lifts ? { lift: true } : {}),
    };
  }

  /** `inDoubt`: what the last one brought may not have been heard. */
  exchange(
    sent: readonly Attempt[],
    claim: ClaimRequest | undefined,
    inDoubt: boolean,
    now: number,
  ): ExchangeRequest {
    const { runs, evictable, outage } = this.#setup;
    const { attempts, hooks } = this.#runner;
    const settle = sent.map((one) => settlementOf(one, now));
    const held = inDoubt ? { held: attempts.held().map(({ id }) => id) } : {};
    const request: Draft<ExchangeRequest> = { workerId: this.#workerId, settle, runs, ...evictable, ...held };
    if (attempts.readyCount > 0) request.unbegun = attempts.those('ready').map(({ id }) => id);
    if (claim !== undefined) request.claim = claim;
    if (outage.probeMaxMs !== PROBE_MAX_MS) request.probeMaxMs = outage.probeMaxMs;
    if (hooks.every(({ asks }) => asks === undefined)) return request;
    const running = attempts.those('running').map(({ claimed }) => claimed);
    const ended = sent.map(({ claimed }) => claimed);
    return hooks.reduce<ExchangeRequest>((said, hook) => hook.asks?.(said, running, ended) ?? said, request);
  }

  heard(
    answer: ExchangeAnswer,
    claim: ClaimRequest | undefined,
    ended: readonly Attempt[],
    at: number,
  ): void {
    this.#apart.heard(ended, answer.outage, at);
    if (claim === undefined) return;
    if (claim.lift) this.#lifts = false;
    for (const part of this.#parts) part.heard(answer.asked?.[part.name]);
  }

  /** When there is something to ask again; undefined: when others say so. Parts are run on time, whatever there is room for. */
  nextAt(now: number, runsParts: boolean): number | undefined {
    const parts = runsParts ? this.#parts : [];
    const instants = [this.#apart.nextAt(now), ...parts.map(({ nextAt }) => nextAt)];
    const known = instants.filter((at) => at !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }
}

const isDue = ({ nextAt }: WorkPart, now: number): boolean => nextAt !== undefined && nextAt <= now;
