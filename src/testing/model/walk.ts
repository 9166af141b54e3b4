import { stringify } from 'fast-check';
import type { HoldfastErrorCode } from '../../core/kernel/errors.ts';
import type { ClaimedJob, ListRequest } from '../../core/kernel/messages.ts';
import type { StoreCalls } from '../store-calls.ts';
import { difference } from './difference.ts';
import { Laws } from './laws.ts';
import { Numbering } from './numbering.ts';
import { readPages, readState, type State } from './state.ts';
import type { AnswerOf, Operation, RequestOf, Turn } from './turn.ts';
import { START } from './words.ts';

/** A lease as the reference gave it, whether or not it still holds. */
export interface GivenLease {
  readonly workerId: string;
  readonly id: string;
  readonly fence: number;
}

/** Two openings of each store. */
export interface Openings {
  readonly reference: readonly StoreCalls[];
  readonly tested: readonly StoreCalls[];
}

/** One queue in both stores: every operation is done in both, its answers are compared and the reference is held to the laws. */
export class Walk {
  now = START;
  /** The reference, after the last operation. */
  state: State;
  /** Every lease ever given, oldest first. */
  readonly given: GivenLease[] = [];
  /** Ids that some enqueue has named. */
  readonly seen = new Set<string>();
  /** Batches that take jobs. */
  readonly batches = new Set<string>();
  readonly #openings: Openings;
  readonly #queue: string;
  readonly #numberings = { seq: new Numbering(), fence: new Numbering() };
  readonly #laws = new Laws();
  /** What was done, told only when something is wrong. */
  readonly #transcript: (() => string)[] = [];
  #opening = 0;

  private constructor(openings: Openings, queue: string, state: State) {
    this.#openings = openings;
    this.#queue = queue;
    this.state = state;
  }

  static async begin(openings: Openings, queue: string): Promise<Walk> {
    return new Walk(openings, queue, await readState(openings.reference, queue));
  }

  /** Lets the clock move by `ms`, back too, and speaks through this opening from now on. */
  move(ms: number, opening: number): void {
    this.now += ms;
    this.#opening = opening;
  }

  /** Does it in both stores. Answers what the reference answered, undefined when it refused. Throws when they disagree. */
  async ask<O extends Operation>(operation: O, request: RequestOf<O>): Promise<AnswerOf<O> | undefined> {
    const { now, state: before } = this;
    const opening = 'ab'[this.#opening];
    const [reference, tested] = [
      await this.#answer(this.#openings.reference, operation, request),
      await this.#answer(this.#openings.tested, operation, this.#asTested(request)),
    ];
    this.#transcript.push(
      () =>
        `${opening}.${operation}(${stringify(request)}, T + ${now - START}) → ${stringify(reference.refused ?? reference.answer)}`,
    );
    this.#compare(reference, tested, 'the answer');
    const { answer, refused } = reference;
    this.state = await readState(this.#openings.reference, this.#queue);
    this.#lawful({ operation, request, answer, refused, now, before, after: this.state });
    if (refused !== undefined) await this.compareStates();
    return answer;
  }

  /** Pages through jobs in both stores. */
  async list(request: ListRequest): Promise<void> {
    const pages = (openings: readonly StoreCalls[]) =>
      readPages(openings, { ...request, queue: this.#queue });
    const [reference, tested] = [await pages(this.#openings.reference), await pages(this.#openings.tested)];
    this.#transcript.push(
      () => `all pages of list(${stringify(request)}) → ${reference.map(({ id }) => id)}`,
    );
    this.#compare(reference, tested, 'the pages');
  }

  /** Compares all that reading shows. */
  async compareStates(): Promise<void> {
    const tested = await readState(this.#openings.tested, this.#queue);
    this.#compare(this.state, tested, 'the state');
  }

  /** Throws what tells everything that was done. */
  fail(problem: string): never {
    const done = this.#transcript.map((line) => line()).join('\n');
    throw new Error(`${problem}\n\nWhat was done, T being ${START}:\n${done}\n`);
  }

  note(workerId: string, claimed: readonly ClaimedJob[]): void {
    for (const { job, fence } of claimed) this.given.push({ workerId, id: job.id, fence });
  }

  async #answer<O extends Operation>(
    openings: readonly StoreCalls[],
    operation: O,
    request: RequestOf<O>,
  ): Promise<{ answer?: AnswerOf<O>; refused?: HoldfastErrorCode }> {
    const opening = openings[this.#opening] as StoreCalls;
    const call = opening[operation] as (request: object, now: number) => Promise<AnswerOf<O>>;
    try {
      return { answer: inAnyOrder(await call.call(opening, { ...request, queue: this.#queue }, this.now)) };
    } catch (error) {
      const { code } = error as { code?: HoldfastErrorCode };
      if (code === undefined) this.fail(`${operation} threw ${error}`);
      return { refused: code };
    }
  }

  /** The request with the tested store's fences. */
  #asTested<O extends Operation>(request: RequestOf<O>): RequestOf<O> {
    const translated = <Each extends { fence: number }>(each: Each): Each => ({
      ...each,
      fence: this.#numberings.fence.tested(each.fence),
    });
    const { settle, leases } = request as Partial<RequestOf<'exchange'> & RequestOf<'extend'>>;
    return {
      ...request,
      ...(settle && { settle: settle.map(translated) }),
      ...(leases && { leases: leases.map(translated) }),
    };
  }

  #compare(reference: unknown, tested: unknown, what: string): void {
    const problem = difference(reference, tested, this.#numberings, what);
    if (problem !== undefined) this.fail(problem);
  }

  #lawful(turn: Turn): void {
    const broken = this.#laws.broken(turn);
    if (broken !== undefined) this.fail(`the reference broke a law: ${broken}`);
  }
}

/** The lists of a reclaim's answer have no order. */
function inAnyOrder<Answer>(answer: Answer): Answer {
  if (typeof answer !== 'object' || answer === null || !('reclaimed' in answer)) return answer;
  const lists = Object.entries(answer as Record<string, readonly string[]>);
  return Object.fromEntries(lists.map(([list, ids]) => [list, [...ids].sort()])) as Answer;
}
