import {
  type Hint,
  type Store,
  StoreBlockedError,
  StoreError,
  type StoreNotice,
  type Transaction,
} from '../../core/index.ts';
import type { Call, Method } from './call.ts';
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
  /** By the context's own clock. */
  now(): number;
  passage(method: Method, request: unknown): Passage;
  crash(): void;
  /** The caller has its answer now. */
  onAnswered(method: Method, answer: unknown): void;
  /** A call is carried out now. */
  onCall(): void;
  /** The store has carried out a call, or refused it. */
  onApplied(call: Call): Promise<void>;
  /** Who is proven gone or alive, when reclaiming. */
  readonly proofs:
    | (() => { readonly goneWorkers: readonly string[]; readonly aliveWorkers: readonly string[] })
    | undefined;
  onHint(listener: (hint: Hint) => void): () => void;
  onNotice(listener: (notice: StoreNotice) => void): () => void;
  /** A call is given up: what the store says of itself. */
  onBlocked(waitedMs: number): void;
}

/** A store as one context sees it over a bad line: slow, failing, answering too late. One call is carried out at a time. */
export function simulatedStore(inner: Store, world: StoreWorld): Store {
  const { proofs } = world;
  return {
    codec: inner.codec,
    transact: (transaction) =>
      transaction.kind === 'reader' ? look(inner, world, transaction) : change(inner, world, transaction),
    ...(proofs && {
      prove: async () => {
        const { goneWorkers, aliveWorkers } = proofs();
        return { gone: goneWorkers, alive: aliveWorkers, release: () => undefined };
      },
    }),
    onHint: (_queue, listener) => world.onHint(listener),
    onNotice: world.onNotice,
    close: () => inner.close(),
  };
}

const giveUp =
  ({ onBlocked }: StoreWorld, reject: (error: unknown) => void) =>
  (): void => {
    onBlocked(BLOCKED_AFTER_MS);
    reject(blocked());
  };

function change<T>(inner: Store, world: StoreWorld, transaction: Transaction<T>): Promise<T> {
  const method = transaction.name as Method;
  return new Promise((resolve, reject) => {
    if (world.life.state === 'dead') return;
    const passage = world.passage(method, transaction.args);
    const answer = (settle: () => void) => world.timeline.after(passage.backMs, settle, world.life);
    const carry = async () => {
      if (passage.crash === 'before') {
        world.crash();
        return () => undefined;
      }
      if (passage.fails === 'before') return () => answer(() => reject(passage.error));
      world.onCall();
      const result = await carryOut(inner, transaction, world);
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
    world.timeline.after(passage.thereMs, () =>
      world.standing.pass(world.life, carry, giveUp(world, reject)),
    );
  });
}

function look<T>(inner: Store, world: StoreWorld, transaction: Transaction<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const carry = async () => {
      world.onCall();
      const answer = await inner.transact(transaction).then(
        (found) => () => resolve(found),
        (error) => () => reject(error),
      );
      return () => (world.life.state === 'alive' ? answer() : world.timeline.after(0, answer, world.life));
    };
    world.timeline.after(0, () => world.standing.pass(world.life, carry, giveUp(world, reject)), world.life);
  });
}

type Result<T> = { readonly answer: T } | { readonly error: unknown };

async function carryOut<T>(inner: Store, transaction: Transaction<T>, world: StoreWorld): Promise<Result<T>> {
  const now = world.now();
  const result = await inner.transact(transaction).then(
    (answer): Result<T> => ({ answer }),
    (error: unknown): Result<T> => ({ error }),
  );
  const { name, args } = transaction;
  const call = { method: name, request: args, now, context: world.context, ...result };
  await world.onApplied(call as unknown as Call);
  return result;
}

export const lostConnection = () => new StoreError('the connection was lost', { retryable: true });
export const blocked = () => new StoreBlockedError('simulated', 'stood still');
export const fullDisk = () => new StoreError('the disk is full', { retryable: false });
