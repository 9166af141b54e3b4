import {
  type Hint,
  type JobStore,
  StoreBlockedError,
  StoreError,
  type StoreNotice,
} from '../../core/index.ts';
import type { Call, Method } from './call.ts';
import { METHODS } from './call.ts';
import { BLOCKED_AFTER_MS, type Standing } from './standing.ts';
import type { Life, Timeline } from './timeline.ts';

/** What happens to one call on its way. */
export interface Passage {
  /** Virtual ms until the store carries it out, and until its answer is back. */
  readonly thereMs: number;
  readonly backMs: number;
  /** It fails instead, before anything is done, or when all of it is. */
  readonly fails?: 'before' | 'after';
  readonly error?: StoreError;
  /** Its context dies: with the call on its way, or its answer. */
  readonly crash?: 'before' | 'after';
}

/** What the store of one context needs of its world. */
export interface StoreWorld {
  readonly timeline: Timeline;
  readonly life: Life;
  /** All contexts have it in common. */
  readonly standing: Standing;
  readonly context: string;
  passage(method: Method, request: unknown): Passage;
  crash(): void;
  /** The caller has its answer now. */
  onAnswered(method: Method, answer: unknown): void;
  /** A call is carried out now. */
  onCall(): void;
  /** The store has carried out a call, or refused it. */
  onApplied(call: Call): Promise<void>;
  /** Who is proven gone or alive, when reclaiming. */
  proofs(): { readonly goneWorkers?: readonly string[]; readonly aliveWorkers?: readonly string[] };
  onHint(listener: (hint: Hint) => void): () => void;
  onNotice(listener: (notice: StoreNotice) => void): () => void;
  /** A call is given up: what the store says of itself. */
  onBlocked(waitedMs: number): void;
}

type Ask = (request: never, now: number) => Promise<never>;

const LOOKS = ['get', 'list', 'count', 'listSchedules', 'countBatch', 'explain', 'stats', 'log'] as const;
type Look = (typeof LOOKS)[number];

/** A store as one context sees it over a bad line: slow, failing, answering too late. One call is carried out at a time. */
export function simulatedStore(inner: JobStore, world: StoreWorld): JobStore {
  const giveUp = (reject: (error: unknown) => void) => () => {
    world.onBlocked(BLOCKED_AFTER_MS);
    reject(blocked());
  };
  const change = (method: Method) => (request: never, now: number) =>
    new Promise((resolve, reject) => {
      if (world.life.state === 'dead') return;
      const passage = world.passage(method, request);
      const answer = (settle: () => void) => world.timeline.after(passage.backMs, settle, world.life);
      const carry = async () => {
        if (passage.crash === 'before') {
          world.crash();
          return () => undefined;
        }
        if (passage.fails === 'before') return () => answer(() => reject(passage.error));
        world.onCall();
        const proven = method === 'reclaim' ? { ...(request as object), ...world.proofs() } : request;
        const result = await carryOut(inner, method, proven as never, now, world);
        if (passage.crash === 'after') world.crash();
        if (passage.fails === 'after') return () => answer(() => reject(passage.error));
        return () =>
          answer(() => {
            if ('error' in result) return reject(result.error);
            world.onAnswered(method, result.answer);
            resolve(result.answer);
          });
      };
      // What was sent arrives, whatever becomes of the sender.
      world.timeline.after(passage.thereMs, () => world.standing.pass(world.life, carry, giveUp(reject)));
    });
  const look = (method: Look) => (request: never, now: number) =>
    new Promise((resolve, reject) => {
      const ask = inner[method] as unknown as Ask;
      const carry = async () => {
        world.onCall();
        const answer = await ask(request, now).then(
          (found) => () => resolve(found),
          (error) => () => reject(error),
        );
        return () => (world.life.state === 'alive' ? answer() : world.timeline.after(0, answer, world.life));
      };
      world.timeline.after(0, () => world.standing.pass(world.life, carry, giveUp(reject)), world.life);
    });
  return {
    ...(Object.fromEntries(METHODS.map((method) => [method, change(method)])) as unknown as JobStore),
    ...(Object.fromEntries(LOOKS.map((method) => [method, look(method)])) as unknown as Pick<JobStore, Look>),
    onHint: (_queue, listener) => world.onHint(listener),
    onNotice: world.onNotice,
    close: () => inner.close(),
  };
}

type Result = { readonly answer: unknown } | { readonly error: unknown };

async function carryOut(
  inner: JobStore,
  method: Method,
  request: never,
  now: number,
  world: StoreWorld,
): Promise<Result> {
  const result = await (inner[method] as unknown as Ask)(request, now).then(
    (answer: unknown): Result => ({ answer }),
    (error: unknown): Result => ({ error }),
  );
  await world.onApplied({ method, request, now, context: world.context, ...result } as unknown as Call);
  return result;
}

export const lostConnection = () => new StoreError('the connection was lost', { retryable: true });
export const blocked = () => new StoreBlockedError('simulated', 'stood still');
export const fullDisk = () => new StoreError('the disk is full', { retryable: false });
